import type { ControllerStatus } from '../../core/model/controller.ts';
import type { ChangeId } from '../../core/model/plan.ts';

/** Something that waits, as `approve` sees it. */
export interface Waiting {
  /** The one id that an approval of it keeps. */
  readonly id: ChangeId;
  /** Ids of what it is part of: its change, its program's plan. */
  readonly within: readonly ChangeId[];
  /** Whose it is: a program's name or id, or `source shop`. */
  readonly whose: string;
  /** `coffee 2.5.0/megapay/Production merchantId`, or `source shop`. */
  readonly what: string;
  /** A held reason, or `SourceRewound`. */
  readonly reason: string;
  readonly message: string;
  readonly isApprovable: boolean;
}

/** What a person's word can release (semantics, 4). Whatever else holds something is ended where it began. */
const approvable: ReadonlySet<string> = new Set([
  'GateRefused',
  'AwaitingApproval',
  'DriftReported',
]);

/** Everything that waits for somebody, in the order of the status. */
export function waitingIn({ sources, programs }: ControllerStatus): readonly Waiting[] {
  const rewound = sources.flatMap(({ name, state, changeId, trouble }): readonly Waiting[] =>
    state !== 'Rewound' || changeId === undefined
      ? []
      : [
          {
            id: changeId,
            within: [],
            whose: `source ${name}`,
            what: `source ${name}`,
            reason: 'SourceRewound',
            message: trouble?.message ?? 'the ref moved backwards',
            isApprovable: true,
          },
        ],
  );
  const held = programs.flatMap(({ id, names, held: fields }) =>
    fields.map(({ where, path, reason, message, changeId, change, plan }): Waiting => ({
      id: changeId,
      within: [change, plan],
      whose: names[0] ?? id,
      what: `${names[0] ?? id} ${where} ${path}`,
      reason,
      message,
      isApprovable: approvable.has(reason),
    })),
  );
  return [...rewound, ...held];
}

/** What an id of a field, a change, a plan or a rewound ref stands for right now. */
export function named(waiting: readonly Waiting[], id: string): readonly Waiting[] {
  return waiting.filter((one) => one.id === id || one.within.some((whole) => whole === id));
}
