import type { ChangeId } from '../../core/model/plan.ts';
import { hexDigest } from '../../core/words/digests.ts';
import type { Look } from '../../ports/controller.ts';
import type { DatedCommit } from './commits.ts';
import type { CompletedCommit } from './completed.ts';
import type { Relation } from './history.ts';

export type Rewound = Extract<Look, { kind: 'rewound' }>;

/** What a ref names now, against the commit in force. */
export interface Move {
  readonly source: string;
  /** For people. */
  readonly ref: string;
  /** With the moment from which it was in force. */
  readonly from: CompletedCommit;
  readonly to: DatedCommit;
  readonly relation: Relation;
}

/**
 * Whether the ref moved backwards. Pure.
 *
 * | `to` is             | its time    |                                           |
 * |---------------------|-------------|-------------------------------------------|
 * | the same, or after  | any         | goes on                                   |
 * | before              | any         | rewound                                   |
 * | on another line     | later       | goes on: history was rewritten            |
 * | on another line     | not later   | rewound: an old state under another name  |
 *
 * What the history that could be had does not tell counts as another line.
 */
export function judgeMove({ source, ref, from, to, relation }: Move): Rewound | undefined {
  if (relation === 'same' || relation === 'forward') return undefined;
  if (relation !== 'backward' && to.at > from.committedAt) return undefined;
  // With the time: an approval counts for this once, also if the ref goes forth and back again.
  const step = { source, from: from.commit, since: from.at, to: to.id };
  const changeId = `c-${hexDigest(step, 12)}` as ChangeId;
  const [before, after] = [from.commit.slice(0, 12), to.id.slice(0, 12)];
  const how =
    relation === 'backward' ? 'which came before it' : 'which does not follow it and is not newer';
  return {
    kind: 'rewound',
    from: from.commit,
    to: to.id,
    changeId,
    message: `${ref} moved from commit ${before} back to ${after}, ${how}; what was read before stays in force`,
    nextStep: `run fairlead approve ${changeId} if this is meant, or push a newer commit`,
  };
}
