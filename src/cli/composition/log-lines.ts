import type { ProgramState, Trouble } from '../../core/model/controller.ts';
import { withoutCredentials } from '../../core/words/credentials.ts';
import {
  isReleaseKey,
  programId,
  releaseId,
  type ProgramKey,
  type ReleaseKey,
} from '../../core/words/keys.ts';
import { epochMs, isoTime } from '../../core/words/time.ts';
import type { TelemetryEvent } from '../../ports/index.ts';
import type { LogLevel } from '../session.ts';

/** One line of a log: the same message for the same kind of thing, what it is about in fields. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** What the line says, and of what: while it says the same of the same, it is no news. */
  readonly state?: LineState;
}

export interface LineState {
  readonly of: string;
  readonly is: string;
  /** Ordinary life: news only as the end of something that was not. */
  readonly isCalm?: boolean;
}

/** The line for an event. No URL in it holds a credential. */
export function lineOf(event: TelemetryEvent): LogLine {
  const line = plainLine(event);
  return { ...line, fields: clean(line.fields) };
}

type Fields = LogLine['fields'];

function clean(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      momentOf(name, value) ?? cleanValue(value),
    ]),
  );
}

/** Moments are text, as in every other output. */
function momentOf(name: string, value: unknown): string | undefined {
  const isMoment = name === 'at' || name === 'until' || name.endsWith('At');
  return isMoment && typeof value === 'number' ? isoTime(epochMs(value)) : undefined;
}

function cleanValue(value: unknown): unknown {
  if (typeof value === 'string') return withoutCredentials(value);
  // Parts of a millisecond tell nobody anything.
  if (typeof value === 'number') return Math.round(value);
  if (Array.isArray(value)) return value.map(cleanValue);
  if (typeof value !== 'object' || value === null) return value;
  return clean({ ...value });
}

function plainLine(event: TelemetryEvent): LogLine {
  switch (event.kind) {
    case 'written':
    case 'failed':
      return lineOfWrite(event);
    case 'condition':
      return lineOfCondition(event);
    case 'ignored': {
      const { what, why } = event;
      const state = { of: `ignored ${what}`, is: why };
      return { level: 'warn', message: 'left out', fields: { what, why }, state };
    }
    case 'order': {
      const { kind, ...order } = event.order;
      const level = kind === 'used' ? 'debug' : 'info';
      return { level, message: 'order taken', fields: { order: kind, ...order } };
    }
    default:
      return lineOfWork(event);
  }
}

type Write = Extract<TelemetryEvent, { kind: 'written' | 'failed' }>;

function lineOfWrite(event: Write): LogLine {
  const { kind, key, ...fields } = event;
  const about = keyFields(key);
  const of = `write ${Object.values(about).join('')}`;
  if (event.kind === 'written') {
    const message = isReleaseKey(key) ? 'release written' : 'global configuration written';
    // Every write is one: only what failed may repeat itself.
    const state = { of, is: `written ${event.requestId}` };
    return { level: 'info', message, fields: { ...about, ...fields }, state };
  }
  const state = { of, is: `${kind} ${event.code} ${event.message}` };
  // `message` is the line's own.
  const { code, message: error } = event;
  return { level: 'error', message: 'change failed', fields: { ...about, code, error }, state };
}

function keyFields(key: ProgramKey | ReleaseKey): Readonly<Record<string, string>> {
  return isReleaseKey(key) ? { release: releaseId(key) } : { program: programId(key) };
}

type Condition = Extract<TelemetryEvent, { kind: 'condition' }>;

/** States in which nobody has to do anything about a program: thousands go through them at every start. */
const calm: ReadonlySet<string> = new Set<ProgramState>(['Unknown', 'Pending', 'InSync']);
const alarming: ReadonlySet<string> = new Set([
  ...['Failing', 'Rewound', 'Refusing', 'NoSecret', 'Blocked'],
  ...['Invalid', 'Undeclared'],
]);

function lineOfCondition({ about, name, state, message, trouble }: Condition): LogLine {
  const said = trouble?.message ?? message;
  // In sync with something to say: drift that is only reported.
  const isDrift = state === 'InSync' && said !== undefined;
  const isCalm = about === 'program' && !trouble && calm.has(state) && !isDrift;
  return {
    level: trouble || alarming.has(state) ? 'warn' : 'info',
    message: 'condition',
    fields: { about, name, state, ...troubleFields(trouble, said) },
    state: { of: `condition ${about} ${name}`, is: `${state} ${said ?? ''}`, isCalm },
  };
}

function troubleFields(trouble: Trouble | undefined, said: string | undefined): Fields {
  const { code, nextStep } = trouble ?? {};
  return Object.fromEntries(
    Object.entries({ code, said, nextStep }).filter(([, value]) => value !== undefined),
  );
}

type Work = Exclude<
  TelemetryEvent,
  { kind: 'written' | 'failed' | 'condition' | 'ignored' | 'order' }
>;

const work = {
  call: ['debug', 'platform called'],
  waiting: ['debug', 'waiting'],
  pass: ['debug', 'pass ended'],
  sweep: ['debug', 'sweep ended'],
  look: ['debug', 'source looked at'],
  commit: ['info', 'commit in force'],
  progress: ['trace', 'progress'],
} as const satisfies Record<Work['kind'], readonly [LogLevel, string]>;

function lineOfWork(event: Work): LogLine {
  const { kind, ...fields } = event;
  const [level, message] = work[kind];
  if (event.kind !== 'pass') return { level, message, fields };
  return { level, message, fields: { ...fields, program: programId(event.program) } };
}
