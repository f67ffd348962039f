import type { SourceCommit } from '../../ports/controller.ts';
import type { Access } from './access.ts';
import { commitInfo } from './commits.ts';
import type { CompletedCommit } from './completed.ts';
import { readContent, type Content } from './content.ts';
import { orUndefined } from './history.ts';
import { fetchObjects, holds, keptRefs, type Mirror } from './mirror.ts';
import type { Oid } from './strings.ts';

/**
 * What somebody who outlives the state directory remembers as completed. other: of another url or ref, so it can
 * neither be read nor be compared with.
 */
export type Remembered =
  | (CompletedCommit & {
      /** Other files of it were read then, so what it declared is not known. */
      readonly isReadOtherwise?: boolean;
    })
  | 'other'
  | undefined;

/** What is in force, as far as it is known. */
export interface InForce {
  readonly completed: CompletedCommit | undefined;
  readonly given: CompletedCommit | undefined;
}

/** Of the state directory and of who remembers beside it: the later word. Pure. */
export function laterOf({ completed, given }: InForce, remembered: Remembered): InForce {
  if (remembered === undefined || remembered === 'other') return { completed, given };
  if (completed && (completed.commit === remembered.commit || completed.at >= remembered.at))
    return { completed, given };
  // Another process went on meanwhile: what was handed on here before is not in force any more.
  const isPast = given !== undefined && given.at < remembered.at;
  const isSame = given?.commit === remembered.commit;
  return { completed: remembered, given: isPast && !isSame ? undefined : given };
}

export interface BaseOf {
  readonly mirror: Mirror;
  readonly content: Content;
  /** Absent: the remote is not asked. */
  readonly access?: Access;
}

/** What a commit declared that was completed before; `lost` where it cannot be had any more. */
export async function readBase(
  { mirror, content, access }: BaseOf,
  id: Oid,
  signal: AbortSignal,
): Promise<NonNullable<SourceCommit['base']>> {
  const { source } = content;
  const found = await orUndefined(signal, async () => {
    const refs = await keptRefs(mirror, signal);
    if (!(await holds(mirror, { source, refs }, id, signal))) {
      if (!access) return undefined;
      const fetch = { source, ids: [id], reach: { depth: 1 }, access };
      await fetchObjects(mirror, fetch, signal);
    }
    const info = await commitInfo(mirror, id, signal);
    // Parsed without a trace: what is kept of parsing is the newest commit's.
    return readContent(mirror, { ...content, stamp: undefined }, info, signal);
  });
  return found ?? 'lost';
}
