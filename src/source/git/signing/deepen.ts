import type { Access } from '../access.ts';
import { fetchObjects, inMirror, type Mirror, type Reach } from '../mirror.ts';
import type { Oid } from '../strings.ts';

export interface Deepening {
  readonly mirror: Mirror;
  readonly source: string;
  readonly head: Oid;
  readonly access: Access;
  /** When the last completed commit was committed, in milliseconds; undefined where there is none. */
  readonly completedAt: number | undefined;
}

const day = 86_400;
/** What Git takes for everything. */
const everything: Reach = { depth: 2_147_483_647 };

/**
 * Brings history further back at each call: what a merge brought may be older than the last completed commit.
 *
 * Only ever by dates that are earlier, and then whole: a depth could cut off what is held already.
 *
 * @returns a function that gives false once everything was asked for, and throws ReconcileError `SourceUnavailable`
 */
export function deepen(deepening: Deepening): (signal: AbortSignal) => Promise<boolean> {
  const { mirror, source, head, access, completedAt } = deepening;
  const seconds = completedAt === undefined ? undefined : Math.floor(completedAt / 1000);
  const dates = seconds === undefined ? [] : [30, 400].map((days) => seconds - days * day);
  const left: Reach[] = dates.map((date) => ({ sinceSeconds: Math.max(date, 1) }));
  left.push(everything);
  return async (signal) => {
    const reach = left.shift();
    if (reach === undefined || !(await isShallow(mirror, signal))) return false;
    await fetchObjects(mirror, { source, ids: [head], reach, access }, signal);
    return true;
  };
}

async function isShallow(mirror: Mirror, signal: AbortSignal): Promise<boolean> {
  return (
    (await inMirror(mirror, ['rev-parse', '--is-shallow-repository'], signal)).trim() === 'true'
  );
}
