import {
  conditionBefore,
  statusBefore,
  type ConditionBefore,
  type StatusBefore,
} from './before.ts';
import type { Reason } from '../words/reasons.ts';
import { rowOf } from './reasons.ts';
import { bounds, clipped, plural } from './texts.ts';

/** Something that happened to an object, told once. */
export interface StatusEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

const mostNames = 6;

/**
 * What people should hear of between two statuses: Ready has another status or reason, records appeared, records moved
 * on. Nothing happened: no events; a text that changes while the reason stays is no event.
 *
 * @param previous  as the API server showed it last; untrusted
 */
export function eventsOf(previous: unknown, next: unknown): readonly StatusEvent[] {
  const [before, after] = [statusBefore(previous), statusBefore(next)];
  return [...recordEvents(before, after), ...readyEvents(before, after)];
}

function readyEvents(before: StatusBefore, after: StatusBefore): readonly StatusEvent[] {
  const [was, is] = [conditionBefore(before, 'Ready'), conditionBefore(after, 'Ready')];
  if (is?.reason === undefined || isSame(was, is) || isQuiet(is.reason)) return [];
  const { reason, message = '' } = is;
  const isWarning = is.status === 'False' && reason !== 'Progressing';
  return [
    {
      type: isWarning ? 'Warning' : 'Normal',
      reason,
      message: clipped(message === '' ? rowOf(reason).what : message, bounds.eventMessage),
    },
  ];
}

function isSame(was: ConditionBefore | undefined, is: ConditionBefore): boolean {
  return was?.status === is.status && was.reason === is.reason;
}

/** Every object begins so, and nothing has happened yet. */
function isQuiet(reason: string): boolean {
  return reason === 'NotYetSeen';
}

/** A claim that was refused made nothing of the record that has its key. */
const refused: ReadonlySet<string | undefined> = new Set([
  ...(['Invalid', 'NotGranted', 'ReferenceNotFound', 'TargetConflict'] satisfies Reason[]),
]);

/** Records that appeared, and records that moved on: the status is the platform's word. */
function recordEvents(before: StatusBefore, after: StatusBefore): readonly StatusEvent[] {
  const moved = after.targets.flatMap(({ app, environment, status, reason }) => {
    const was = before.target(app, environment)?.status;
    if (status === undefined || status === was || refused.has(reason)) return [];
    return [`${app}/${environment} ${status}${was === undefined ? '' : `, was ${was}`}`];
  });
  if (moved.length === 0) return [];
  const rest = moved.length - mostNames;
  const more = rest > 0 ? `; ${plural(rest, 'more', 'more')}` : '';
  const message = `Release records: ${moved.slice(0, mostNames).join('; ')}${more}.`;
  return [
    { type: 'Normal', reason: 'RecordStatus', message: clipped(message, bounds.eventMessage) },
  ];
}
