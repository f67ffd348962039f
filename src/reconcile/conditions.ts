import type {
  ConnectionStatus,
  ProgramStatus,
  SourceStatus,
  Trouble,
} from '../core/model/controller.ts';
import { ReconcileError } from '../core/words/errors.ts';
import type { EpochMs } from '../core/words/time.ts';
import type { TelemetryEvent } from '../ports/index.ts';
import { troubleOf } from './program-status.ts';
import {
  show,
  type ConnectionEntry,
  type LoopState,
  type ProgramEntry,
  type SourceEntry,
} from './state.ts';

type Condition = Pick<Extract<TelemetryEvent, { readonly kind: 'condition' }>, 'about' | 'name'>;

/** What stands until the next transition. */
interface Stand {
  readonly state: string;
  readonly since: EpochMs;
  readonly message?: string;
  readonly trouble?: Trouble;
}

/**
 * Since when the next status stands; tells telemetry if it is a transition: another state, or another kind of trouble.
 * The same trouble in other words is no news.
 */
function since(state: LoopState, about: Condition, before: Stand, after: Stand): EpochMs {
  const { clock, telemetry } = state.ports;
  show(state);
  const isOther = before.state !== after.state || before.trouble?.code !== after.trouble?.code;
  if (!isOther && !isDriftNews(before, after)) return before.since;
  const { message, trouble } = after;
  telemetry.emit({
    ...{ kind: 'condition', ...about, state: after.state },
    ...(message === undefined ? {} : { message }),
    ...(trouble === undefined ? {} : { trouble }),
  });
  return isOther ? clock.wall() : before.since;
}

/** Drift that is only reported leaves a program in sync: its message alone comes and goes. */
function isDriftNews(before: Stand, after: Stand): boolean {
  return (
    after.state === 'InSync' && (before.message === undefined) !== (after.message === undefined)
  );
}

/** Sets a source's status; `undefined` takes a field away. */
export function setSource(
  state: LoopState,
  entry: SourceEntry,
  change: { readonly [K in keyof SourceStatus]?: SourceStatus[K] | undefined },
): void {
  const after = without({ ...entry.status, ...change });
  const about: Condition = { about: 'source', name: after.name };
  entry.status = { ...after, since: since(state, about, entry.status, after) };
  state.ports.reports?.source(entry.status);
}

/** Sets a connection's status; `undefined` takes a field away. */
export function setConnection(
  state: LoopState,
  entry: ConnectionEntry,
  change: { readonly [K in keyof ConnectionStatus]?: ConnectionStatus[K] | undefined },
): void {
  const after = without({ ...entry.status, ...change });
  const about: Condition = { about: 'connection', name: after.name };
  entry.status = { ...after, since: since(state, about, entry.status, after) };
  state.ports.reports?.connection(entry.status);
}

/** Sets a program's status; `undefined` takes a field away. */
export function setProgram(
  state: LoopState,
  entry: ProgramEntry,
  change: { readonly [K in keyof ProgramStatus]?: ProgramStatus[K] | undefined },
): void {
  const after = without({ ...entry.status, ...change });
  const about: Condition = { about: 'program', name: after.id };
  entry.status = { ...after, since: since(state, about, entry.status, after) };
}

function without<T extends object>(value: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}

/** What a failure is to people. Whatever is no `ReconcileError` is a bug, and is told as one. */
export function failureOf(error: unknown): ReconcileError {
  if (error instanceof ReconcileError) return error;
  const what = error instanceof Error ? error.name : typeof error;
  return new ReconcileError('InternalError', `a bug in Fairlead (${what})`, {
    cause: error,
    nextStep: 'report it with the log around it; nothing else was touched by it',
  });
}

export { troubleOf };
