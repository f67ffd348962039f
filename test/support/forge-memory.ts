import { ReconcileError } from '../../src/core/words/errors.ts';
import { epochMs } from '../../src/core/words/time.ts';
import type {
  CommitStatus,
  Forge,
  LineNote,
  OwnComment,
  PullRequest,
} from '../../src/ports/forge.ts';

export interface MemoryComment {
  readonly id: string;
  readonly author: string;
  readonly body: string;
}

/** What was asked of the forge, in order; writes begin with `put`, `annotate` or `upload`. */
export type ForgeCall = Exclude<keyof Forge, 'name' | 'maxCommentLength' | 'lineUrl'>;

/** A forge in memory, and what stands behind its counter. */
export interface MemoryForge {
  readonly forge: Forge;
  readonly calls: ForgeCall[];
  readonly comments: MemoryComment[];
  readonly statuses: Map<string, CommitStatus[]>;
  readonly notes: Map<number, readonly LineNote[]>;
  readonly sarif: string[];
  /** Opens, moves or closes a pull request. */
  readonly set: (pull: Partial<PullRequest>) => void;
  readonly pull: () => PullRequest;
  /** Newest first. */
  readonly others: PullRequest[];
  /** Called before each operation takes effect; what it throws is the operation's failure. */
  before: (call: ForgeCall, index: number) => void | Promise<void>;
  readonly writes: () => readonly ForgeCall[];
}

export const ownName = 'fairlead-bot';

export const somePull: PullRequest = {
  number: 7,
  title: 'Coffee 2.5.0',
  author: 'ben',
  state: 'open',
  base: { branch: 'main', commit: '91ac03d'.padEnd(40, '0') },
  head: { branch: 'topic', commit: '4c1f9e2'.padEnd(40, '0') },
  isFork: false,
  isPrivate: false,
  fetchRef: 'refs/pull/7/head',
  updatedAt: epochMs(1_772_366_400_000),
};

/** A forge with one pull request; comments of others may be put into `comments`. */
export function memoryForge(start: Partial<PullRequest> = {}): MemoryForge {
  let pull: PullRequest = { ...somePull, ...start };
  let ids = 0;
  const calls: ForgeCall[] = [];
  const state: Omit<MemoryForge, 'forge'> = {
    calls,
    comments: [],
    statuses: new Map(),
    notes: new Map(),
    sarif: [],
    set: (changes) => {
      pull = { ...pull, ...changes };
    },
    pull: () => pull,
    others: [],
    before: () => undefined,
    writes: () => calls.filter((call) => /^(put|annotate|upload)/.test(call)),
  };
  const memory: MemoryForge = Object.assign(state, { forge: createForge() });
  return memory;

  async function doing<T>(call: ForgeCall, signal: AbortSignal, work: () => T): Promise<T> {
    signal.throwIfAborted();
    calls.push(call);
    await memory.before(call, calls.length - 1);
    return work();
  }

  function createForge(): Forge {
    return {
      name: 'gitea',
      maxCommentLength: 65_536,
      lineUrl: (commit, file, line) =>
        `https://forge.example/acme/coffee/src/commit/${commit}/${file.split('/').map(encodeURIComponent).join('/')}#L${String(line)}`,
      pull: async (number, signal) =>
        doing('pull', signal, () => {
          if (number === pull.number) return pull;
          throw new ReconcileError('ForgeNotFound', `there is no pull request ${String(number)}`);
        }),
      openPulls: async (branch, signal) =>
        doing('openPulls', signal, () =>
          [pull, ...state.others].filter(
            ({ state: is, base }) => is === 'open' && base.branch === branch,
          ),
        ),
      ownComment: async (_, marker, signal) =>
        doing('ownComment', signal, () =>
          state.comments.find(({ author, body }) => author === ownName && body.startsWith(marker)),
        ),
      putComment: async (_, own, body, signal) =>
        doing('putComment', signal, () => putComment(own, body)),
      statuses: async (commit, signal) =>
        doing('statuses', signal, () => state.statuses.get(commit) ?? []),
      putStatus: async (commit, status, signal) =>
        doing('putStatus', signal, () => {
          const others = state.statuses.get(commit) ?? [];
          state.statuses.set(commit, [
            ...others.filter(({ context }) => context !== status.context),
            status,
          ]);
        }),
      annotate: async ({ number }, notes, signal) =>
        doing('annotate', signal, () => {
          state.notes.set(number, notes);
        }),
      uploadSarif: async (_, sarif, signal) =>
        doing('uploadSarif', signal, () => {
          state.sarif.push(sarif);
          return 'uploaded' as const;
        }),
    };
  }

  function putComment(own: OwnComment | undefined, body: string): OwnComment {
    const at = state.comments.findIndex(({ id }) => id === own?.id);
    if (at < 0) {
      ids += 1;
      const comment = { id: String(ids), author: ownName, body };
      state.comments.push(comment);
      return comment;
    }
    const comment = { ...state.comments[at]!, body };
    state.comments[at] = comment;
    return comment;
  }
}
