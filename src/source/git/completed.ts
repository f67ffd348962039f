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

function fileOf({ stateDirectory, name }: CompletedOf): string {
  return join(stateDirectory, folder, `${digestOf(name).slice(0, 22)}.json`);
}

/** Undefined where nothing was completed, or something else was followed then. */
export async function readCompletedCommit(of: CompletedOf): Promise<CompletedCommit | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(fileOf(of), 'utf8'));
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
  { commit, committedAt, at }: CompletedCommit,
): Promise<void> {
  const { name, url, ref } = of;
  const file = fileOf(of);
  try {
    await mkdir(join(of.stateDirectory, folder), { recursive: true, mode: 0o700 });
    const text = JSON.stringify({ name, url, ref, commit, committedAt, at });
    await writeFile(`${file}.new`, `${text}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
  } catch (cause) {
    throw new ReconcileError('LocalFailure', `${file} cannot be written`, {
      cause,
      nextStep: 'see whether the disk is full and the state directory may be written',
    });
  }
}

/**
 * The last commit that was handed on, and so may have been acted on in part; undefined where nothing is known. It lies in
 * the mirror, as it is worth nothing without it.
 */
export async function readGivenCommit(of: CompletedOf, mirror: string): Promise<Oid | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(givenFileOf(of, mirror), 'utf8'));
    return isKept(value) && value.url === of.url && value.ref === of.ref ? value.commit : undefined;
  } catch {
    return undefined;
  }
}

function givenFileOf({ name }: CompletedOf, mirror: string): string {
  return join(mirror, `fairlead-given-${digestOf(name).slice(0, 22)}.json`);
}

/** To be called before it is handed on. Never throws: without it the last completed commit stands in. */
export async function keepGivenCommit(
  of: CompletedOf,
  mirror: string,
  given: CompletedCommit,
): Promise<void> {
  const { name, url, ref } = of;
  const file = givenFileOf(of, mirror);
  try {
    await writeFile(`${file}.new`, JSON.stringify({ name, url, ref, ...given }), { mode: 0o600 });
    await rename(`${file}.new`, file);
  } catch {
    // A full disk stops nothing.
  }
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
