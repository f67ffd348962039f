import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../../core/words/digests.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { EpochMs } from '../../core/words/time.ts';
import { isOid, type Oid } from './strings.ts';

/** The last commit of a source on which everything was acted. */
export interface CompletedCommit {
  readonly commit: Oid;
  /** When it was committed, as its committer says. */
  readonly committedAt: EpochMs;
  /** When everything had been acted on. */
  readonly at: EpochMs;
}

/** What a source followed when it was completed: of anything else nothing is known. */
export interface CompletedOf {
  readonly stateDirectory: string;
  readonly name: string;
  readonly url: string;
  readonly ref: string;
}

const folder = 'sources';

function fileOf({ stateDirectory, name }: CompletedOf, kind = ''): string {
  return join(stateDirectory, folder, `${digestOf(name).slice(0, 22)}${kind}.json`);
}

/** Undefined where nothing was completed, or something else was followed then. */
export function readCompletedCommit(of: CompletedOf): Promise<CompletedCommit | undefined> {
  return read(of, fileOf(of));
}

async function read(of: CompletedOf, file: string): Promise<CompletedCommit | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (!isKept(value) || value.url !== of.url || value.ref !== of.ref) return undefined;
    return { commit: value.commit, committedAt: value.committedAt, at: value.at };
  } catch {
    // Losing it costs the check for a rewound ref once.
    return undefined;
  }
}

/** Whole or not at all. @throws ReconcileError `LocalFailure` */
export async function writeCompletedCommit(
  of: CompletedOf,
  completed: CompletedCommit,
): Promise<void> {
  const file = fileOf(of);
  try {
    await write(of, file, completed);
  } catch (cause) {
    throw new ReconcileError('LocalFailure', `${file} cannot be written`, {
      cause,
      nextStep: 'see whether the disk is full and the state directory may be written',
    });
  }
}

/** The last commit that was handed on, and so may have been acted on in part; undefined where nothing is known. */
export function readGivenCommit(of: CompletedOf): Promise<CompletedCommit | undefined> {
  return read(of, fileOf(of, givenKind));
}

const givenKind = '.given';

/**
 * To be called before it is handed on: a ref that goes back is judged from here. Never throws: without it the last
 * completed commit stands in.
 *
 * @param given  `at`: when it was handed on
 */
export async function keepGivenCommit(of: CompletedOf, given: CompletedCommit): Promise<void> {
  try {
    await write(of, fileOf(of, givenKind), given);
  } catch {
    // A full disk stops nothing.
  }
}

async function write(of: CompletedOf, file: string, kept: CompletedCommit): Promise<void> {
  const { stateDirectory, name, url, ref } = of;
  const { commit, committedAt, at } = kept;
  await mkdir(join(stateDirectory, folder), { recursive: true, mode: 0o700 });
  const text = JSON.stringify({ name, url, ref, commit, committedAt, at });
  await writeFile(`${file}.new`, `${text}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

interface Kept extends CompletedCommit {
  readonly url: string;
  readonly ref: string;
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== 'object' || value === null) return false;
  const { commit, committedAt, at, url, ref }: Partial<Record<keyof Kept, unknown>> = value;
  const areTexts = [commit, url, ref].every((each) => typeof each === 'string');
  return areTexts && isOid(String(commit)) && [committedAt, at].every(Number.isSafeInteger);
}
