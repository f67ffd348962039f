import type { ChangeId } from '../../src/core/model/plan.ts';
import { parseFile } from '../../src/core/yaml/parse.ts';
import type { SourceCommit } from '../../src/ports/controller.ts';
import type { SimTime } from './loop-clock.ts';
import { filesOf, type Declared } from './loop-town.ts';

export interface Commit {
  readonly index: number;
  readonly id: string;
  /** What it says, for a judge; nothing where a file is broken or it could not be read whole. */
  readonly declared: Declared;
  readonly complete: boolean;
  readonly commit: SourceCommit;
}

export interface Repo {
  readonly name: string;
  readonly commits: readonly Commit[];
  /** Which commit the ref names. */
  head: number;
  /** Makes a commit; `files` in place of well-made ones. */
  commit(declared: Declared, more?: CommitOptions): void;
}

export interface CommitOptions {
  readonly files?: Readonly<Record<string, string>>;
  readonly complete?: boolean;
}

/** What approves that a ref went back. */
export function rewindId(from: number, to: number): ChangeId {
  return `c-rewind-${String(from)}-${String(to)}` as ChangeId;
}

/** A repository without commits, of which a test is the author. */
export function createRepo(name: string, time: SimTime): Repo {
  const commits: Commit[] = [];
  const repo: Repo = {
    name,
    commits,
    head: -1,
    commit(declared, { files = filesOf(declared), complete = true } = {}) {
      const index = commits.length;
      const id = (index + 1).toString(16).padStart(40, name === 'team' ? '0' : 'f');
      commits.push({
        ...{ index, id, declared, complete },
        commit: commitOf({ name, id, files, at: time.wall(), complete }),
      });
      repo.head = index;
    },
  };
  return repo;
}

interface Made {
  readonly name: string;
  readonly id: string;
  readonly files: Readonly<Record<string, string>>;
  readonly at: ReturnType<SimTime['wall']>;
  readonly complete: boolean;
}

function commitOf(made: Made): SourceCommit {
  // Thousands of worlds see the same few commits, and nobody changes them.
  const text = JSON.stringify(made);
  const known = parsedCommits.get(text);
  if (known) return known;
  const commit = parsedCommit(made);
  parsedCommits.set(text, commit);
  return commit;
}

const parsedCommits = new Map<string, SourceCommit>();

function parsedCommit({ name, id, files, at, complete }: Made): SourceCommit {
  const parsed = Object.entries(files).map(([file, text]) =>
    parseFile(
      { source: name, file, bytes: new TextEncoder().encode(text), commit: id, since: at },
      'declarations',
    ),
  );
  return {
    commit: { id, author: 'Ada <ada@example.test>', subject: `commit ${id.slice(-2)}`, at },
    changedBy: {},
    encrypted: {},
    documents: {
      source: name,
      documents: parsed.flatMap(({ documents }) => documents),
      invalid: parsed.flatMap(({ invalid }) => invalid),
      problems: parsed.flatMap(({ problems }) => problems),
      complete,
      commit: id,
    },
  };
}
