import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Trouble } from '../../core/model/controller.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import { originText } from '../../core/words/places.ts';
import type { Problem } from '../../core/words/problems.ts';
import type { Clock } from '../../ports/index.ts';
import { CliError } from '../exit.ts';
import { readAdministration, type Administration } from '../settings.ts';
import { codeOf, failureText } from './state-files.ts';
import { watchedFiles, type WatchedFile } from './watched-files.ts';

/** Milliseconds between two looks at the files. */
const lookMs = 2_000;
/** Milliseconds for which files must stay as they are before they are believed to be whole. */
const settleMs = 200;
/** More problems than these say nothing to somebody who reads a status. */
const mostProblems = 3;

/** Settings as they were read, and what tells them from others. */
export interface ReadSettings {
  readonly administration: Administration;
  /** Of the settings and of every file they name. */
  readonly digest: string;
}

interface Waiting {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly signal: AbortSignal;
}

export interface ConfigWatch extends Waiting {
  /** What is in force, as `readSettings` gave it. */
  readonly inForce: ReadSettings;
  /**
   * Takes settings into force: new ones, or the old ones again after bad ones.
   *
   * @throws CliError or ReconcileError  where they cannot be: told as trouble, and those before stay
   */
  readonly onNew: (administration: Administration) => Promise<void> | void;
  /** Hears, once as long as it is the same, why what stands in the files is not in force. */
  readonly onBad: (trouble: Trouble) => void;
}

/**
 * Reads the settings and the files they name, whole: what is still being written is read again.
 *
 * @throws CliError  as `readAdministration`; `SettingsInvalid` where they hold no connection, or a file they name cannot
 *   be read or is empty
 */
export async function readSettings(file: string, waiting: Waiting): Promise<ReadSettings> {
  const sight = await settled(file, [], waiting);
  if (sight.kind === 'bad') throw sight.error;
  return sight;
}

/**
 * Follows the settings file and every file it names until the signal: edits in place, files put in place of others, and
 * links that lead elsewhere, as where a ConfigMap is mounted. Settings count once they have been read twice alike; bad
 * ones are told and change nothing. Never rejects, but for a bug. A file that cannot be read twice, such as a pipe, is
 * not followed.
 */
export async function watchConfig(file: string, watch: ConfigWatch): Promise<void> {
  const { clock, signal, inForce } = watch;
  if (!(await isRegular(file))) return;
  let files = watchedFiles(inForce.administration);
  let told = inForce.digest;
  let judged: string | undefined;
  for (;;) {
    const seen = await signs(file, files);
    if (seen !== judged) {
      const sight = await settled(file, files, watch).catch(stopped(signal));
      if (!sight) return;
      if (sight.kind === 'good') files = watchedFiles(sight.administration);
      if (sight.digest !== told) await tell(sight, watch);
      told = sight.digest;
      judged = seen;
    }
    const isOver = await clock.sleep(lookMs, signal).then(() => false, stopped(signal));
    if (isOver !== false) return;
  }
}

/** The end of the watch, where the signal is what ended a sleep. */
function stopped(signal: AbortSignal): (error: unknown) => undefined {
  return (error) => {
    if (!signal.aborted) throw error;
    return undefined;
  };
}

async function tell(sight: Sight, { onNew, onBad }: ConfigWatch): Promise<void> {
  if (sight.kind === 'bad') {
    onBad(troubleOf(sight.error));
    return;
  }
  try {
    await onNew(sight.administration);
  } catch (error) {
    if (!(error instanceof CliError) && !(error instanceof ReconcileError)) throw error;
    onBad(troubleOf(error));
  }
}

/** Settings that are not in force, in words. */
export function troubleOf(error: CliError | ReconcileError): Trouble {
  const problems = error instanceof CliError ? error.problems : [];
  const details = problems.slice(0, mostProblems).map(problemText);
  const more = problems.length - details.length;
  if (more > 0) details.push(`and ${String(more)} more`);
  return {
    code: error instanceof ReconcileError ? error.code : 'SettingsInvalid',
    message: [error.message, ...details].join('; '),
    nextStep: 'correct the file; until then the settings read before stay in force',
  };
}

function problemText({ message, origin }: Problem): string {
  return origin ? `${originText(origin)}: ${message}` : message;
}

type Sight =
  | ({ readonly kind: 'good' } & ReadSettings)
  | { readonly kind: 'bad'; readonly error: CliError; readonly digest: string };

/** What stands in the files, once it was the same twice. */
async function settled(
  file: string,
  files: readonly WatchedFile[],
  { clock, signal }: Waiting,
): Promise<Sight> {
  if (!(await isRegular(file))) return sightOf(file, files);
  let before = await sightOf(file, files);
  for (;;) {
    await clock.sleep(settleMs, signal);
    const now = await sightOf(file, files);
    if (now.digest === before.digest) return now;
    before = now;
  }
}

/** @param files  what the settings named before; for the digest of settings that cannot be read */
async function sightOf(file: string, files: readonly WatchedFile[]): Promise<Sight> {
  try {
    const administration = await readAdministration(file);
    const named = await contentsOf(watchedFiles(administration));
    const digest = digestOf([...(await contentsOf([itself(file)])), ...named]);
    const message = unfit(administration, named);
    if (message === undefined) return { kind: 'good', administration, digest };
    return { kind: 'bad', error: new CliError('SettingsInvalid', message), digest };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const contents = await contentsOf([itself(file), ...files]);
    // The message, too: a disk that does not answer is another trouble than what stands on it.
    return { kind: 'bad', error, digest: `${digestOf(contents)} ${error.message}` };
  }
}

/** What no schema sees: a file that was cut off between two documents is well-formed, too. */
function unfit(administration: Administration, named: readonly Content[]): string | undefined {
  if (administration.connections.length === 0)
    return `${administration.file} holds no PlatformConnection`;
  const missing = named.find(({ trouble }) => trouble !== undefined);
  return missing && `${missing.path} (${missing.what}) cannot be used: ${missing.trouble ?? ''}`;
}

function itself(path: string): WatchedFile {
  return { path, what: 'the settings' };
}

interface Content extends WatchedFile {
  /** Of the bytes, or the code of what kept them from being read. */
  readonly digest: string;
  readonly trouble?: string;
}

/** Digests of files, and what keeps one from being read. */
export async function contentsOf(files: readonly WatchedFile[]): Promise<readonly Content[]> {
  return Promise.all(files.map(contentOf));
}

async function contentOf(file: WatchedFile): Promise<Content> {
  try {
    // Who reads a pipe takes what is in it from whom it is for.
    if (!(await stat(file.path)).isFile()) return { ...file, digest: 'special' };
    const bytes = await readFile(file.path);
    const digest = createHash('sha256').update(bytes).digest('base64url');
    return { ...file, digest, ...(bytes.length === 0 ? { trouble: 'it is empty' } : {}) };
  } catch (error) {
    return { ...file, digest: codeOf(error), trouble: failureText(error) };
  }
}

function digestOf(contents: readonly Content[]): string {
  const hash = createHash('sha256');
  for (const { path, digest } of contents) hash.update(JSON.stringify([path, digest]));
  return hash.digest('base64url');
}

/** What changes with every write of a file: cheaper than its content. Links are followed. */
export async function signs(file: string, files: readonly WatchedFile[]): Promise<string> {
  const all = await Promise.all([itself(file), ...files].map(({ path }) => signOf(path)));
  return all.join('\n');
}

async function signOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [path, dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return `${path} ${codeOf(error)}`;
  }
}

async function isRegular(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    // Missing for a moment is no reason not to follow it.
    return true;
  }
}
