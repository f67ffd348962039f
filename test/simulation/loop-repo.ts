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

type Parsed = ReturnType<typeof parseFile>;

/** Thousands of worlds see the same few files, and nobody changes what was parsed. */
const parsedFiles = new Map<string, Parsed>();
const keptFiles = 2_000;

function parsedFile(made: Made, file: string, text: string): Parsed {
  const { name, id, at } = made;
  const place = JSON.stringify([name, file, text]);
  const bytes = new TextEncoder().encode(text);
  const parsed =
    parsedFiles.get(place) ??
    parseFile({ source: name, file, bytes, commit: id, since: at }, 'declarations');
  if (parsedFiles.size >= keptFiles) parsedFiles.clear();
  parsedFiles.set(place, parsed);
  return parsed;
}

function commitOf(made: Made): SourceCommit {
  const { name, id, files, at, complete } = made;
  const parsed = Object.entries(files).map(([file, text]) => parsedFile(made, file, text));
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
