import type { ChangeId } from '../../src/core/model/plan.ts';
import type { Order } from '../../src/core/model/orders.ts';
import { ReconcileError } from '../../src/core/words/errors.ts';
import { isReleaseKey, programId, releaseId } from '../../src/core/words/keys.ts';
import type { FollowedSource, Look, SourceCommit } from '../../src/ports/controller.ts';
import type { Ledger } from '../../src/ports/index.ts';
import type { ProcessClock } from './loop-clock.ts';
import { rewindId, type Repo } from './loop-repo.ts';
import type { WireStrike } from './loop-wire.ts';

/* What a simulated process finds outside of itself besides the platform: repositories and its disk. */

export type Strike =
  | WireStrike
  | { readonly kind: 'crash'; readonly when: 'before' | 'after' }
  /** Of a look: it fails at once, or after half a minute. */
  | { readonly kind: 'fail' }
  | { readonly kind: 'hang' }
  /** Something happens right before the effect. */
  | { readonly kind: 'meanwhile'; readonly happen: () => void };

/** What outlives a process. */
export interface Disk {
  orders: Order[];
  digests: Readonly<Record<string, string>> | undefined;
  readonly completed: Map<string, string>;
  readonly bases: Map<string, Record<string, string>>;
}

/** When which process learnt of which commit. */
export interface Learned {
  readonly at: number;
  readonly process: string;
  readonly source: string;
  readonly index: number;
}

/** Something outside of the process, under whatever strikes it. */
export type DoEffect = <T>(
  name: string,
  perform: (strike: Strike | undefined) => Promise<T>,
) => Promise<T>;

export interface Outside {
  readonly process: string;
  readonly clock: ProcessClock;
  readonly disk: Disk;
  readonly effect: DoEffect;
  readonly learn: (learned: Learned) => void;
}

/** A repository as one process follows it. */
export function followed(
  repo: Repo,
  { process, clock, disk, effect, learn }: Outside,
): FollowedSource {
  const { name } = repo;
  let given: number | undefined;
  const indexOf = (id: string | undefined) => repo.commits.findIndex((one) => one.id === id);
  function give(index: number): SourceCommit {
    const found = repo.commits[index];
    if (!found) throw new Error(`there is no commit ${String(index)}`);
    given = index;
    learn({ at: clock.mono(), process, source: name, index });
    return found.commit;
  }
  function look(allowed: ReadonlySet<ChangeId>): Look {
    const { head } = repo;
    const before = given ?? indexOf(disk.completed.get(name));
    if (head < 0) throw new ReconcileError('SourceUnavailable', 'the repository is empty');
    if (head === given) return { kind: 'unchanged' };
    const changeId = rewindId(before, head);
    if (head < before && !allowed.has(changeId)) {
      const from = String(before);
      return {
        ...{ kind: 'rewound', from, to: String(head), changeId },
        ...{ message: 'the ref moved backwards', nextStep: 'approve it' },
      };
    }
    return { kind: 'changed', source: give(head) };
  }
  return {
    name,
    url: `https://git.example/${name}`,
    ref: 'main',
    look: (allowed, signal) =>
      effect('look', async (strike) => {
        if (strike?.kind === 'hang') await clock.sleep(30_000, signal);
        if (strike?.kind === 'hang' || strike?.kind === 'fail')
          throw new ReconcileError('SourceUnavailable', 'no route');
        return look(allowed);
      }),
    restore: () =>
      effect('restore', () => {
        const index = indexOf(disk.completed.get(name));
        return Promise.resolve(index < 0 ? undefined : give(index));
      }),
    completed: (id) =>
      effect('completed', () => Promise.resolve(void disk.completed.set(name, id))),
  };
}

/** History is not kept; bases are, as the real one keeps them. */
export function ledgerOf({ disk, effect }: Outside): Ledger {
  const basesOf = (program: string) => disk.bases.get(program) ?? {};
  return {
    bases: (program) =>
      effect('ledger.bases', () => Promise.resolve({ ...basesOf(programId(program)) })),
    keep: (program, bases) =>
      effect('ledger.keep', () => {
        const id = programId(program);
        disk.bases.set(id, { ...basesOf(id), ...bases });
        return Promise.resolve();
      }),
    append: (entry) =>
      effect(`ledger.append:${entry.kind}`, () => {
        if (entry.kind === 'attempt' && entry.result === 'applied' && entry.mark !== undefined) {
          const id = programId(entry.program);
          const { key } = entry;
          const place = isReleaseKey(key) ? releaseId(key) : id;
          disk.bases.set(id, { ...basesOf(id), [place]: entry.mark });
        }
        return Promise.resolve();
      }),
    seen: () => Promise.resolve(),
  };
}
