import { createHash } from 'node:crypto';

export type Who = 'ours' | 'stranger';

export interface StatePull {
  readonly number: number;
  readonly title: string;
  readonly author: Who;
  readonly base: string;
  readonly branch: string;
  readonly isFork: boolean;
  head: string;
  /** Ref of the pipeline that ran for the head; GitLab's. */
  pipeline?: string;
  state: 'open' | 'closed' | 'merged';
  updatedAt: string;
}

export interface StateComment {
  readonly id: number;
  readonly pull: number;
  readonly author: Who;
  body: string;
}

export interface StateStatus {
  readonly id: number;
  readonly commit: string;
  readonly context: string;
  /** In the forge's own words. */
  state: string;
  description: string;
  /** GitLab's. */
  readonly ref?: string;
}

/** What a small forge remembers of one repository. */
export interface ForgeState {
  isPrivate: boolean;
  /** Where every base branch stands. */
  base: string;
  readonly pulls: StatePull[];
  comments: StateComment[];
  readonly statuses: StateStatus[];
  nextId(): number;
  commit(): string;
  openPull(wanted: Partial<Pick<StatePull, 'title' | 'author' | 'base' | 'isFork'>>): StatePull;
}

const baseCommit = createHash('sha1').update('base').digest('hex');

export function createState(): ForgeState {
  let last = 1000;
  const state: ForgeState = {
    isPrivate: false,
    base: baseCommit,
    pulls: [],
    comments: [],
    statuses: [],
    nextId: () => ++last,
    commit: () => createHash('sha1').update(String(++last)).digest('hex'),
    openPull: ({ title = 'A change', author = 'stranger', base = 'main', isFork = false }) => {
      const number = state.pulls.length + 7;
      const pull: StatePull = {
        ...{ number, title, author, base, isFork },
        branch: `change-${number}`,
        head: state.commit(),
        state: 'open',
        updatedAt: '2026-11-20T10:00:00Z',
      };
      state.pulls.push(pull);
      return pull;
    },
  };
  return state;
}
