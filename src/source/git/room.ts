import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReconcileError } from '../../core/words/errors.ts';
import type { Clock } from '../../ports/index.ts';

/** A folder, and what may lie in it at most. */
export interface Room {
  readonly directory: string;
  readonly maxBytes: number;
}

/** Between two looks at a folder that grows: what comes meanwhile may lie there beside what is allowed. */
const lookMs = 500;

/** Bytes of all files below. What goes away meanwhile counts for nothing. Never throws. */
export async function bytesIn(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return bytesIn(path);
      return (await stat(path).catch(() => undefined))?.size ?? 0;
    }),
  );
  return sizes.reduce((sum, each) => sum + each, 0);
}

export async function isPassed({ directory, maxBytes }: Room): Promise<boolean> {
  return (await bytesIn(directory)) > maxBytes;
}

/** Looks at the room until it is passed, which is told once, or the signal is aborted. Never throws. */
export async function watchRoom(
  room: Room,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  onPassed: () => void,
): Promise<void> {
  while (!signal.aborted) {
    if (await isPassed(room)) {
      onPassed();
      return;
    }
    await clock.sleep(lookMs, signal).catch(() => undefined);
  }
}

/** The cause of an error that says nothing of remote or connection but that it is too large. */
const roomPassed = new Error('there is no more room');

export function hasNoRoom({ cause }: ReconcileError): boolean {
  return cause === roomPassed;
}

export function noRoom({ maxBytes }: Room): ReconcileError {
  const mebibytes = maxBytes / (1024 * 1024);
  return new ReconcileError(
    'SourceUnavailable',
    `the repository needs more room than the ${mebibytes} MiB that mirrors may take here, and is not fetched`,
    {
      cause: roomPassed,
      nextStep:
        'take large files out of the repository or remove GitSources that nobody needs, or let the administrator raise mirrorMebibytes of the Settings',
    },
  );
}

/** What a fetch changes beside refs, as it was before. */
export interface Before {
  readonly packs: ReadonlySet<string>;
  readonly shallow: Buffer | undefined;
}

const packsOf = (directory: string): string => join(directory, 'objects', 'pack');

/** @param directory  of the bare repository */
export async function lookBefore(directory: string): Promise<Before> {
  return {
    packs: new Set(await readdir(packsOf(directory)).catch(() => [])),
    shallow: await readFile(join(directory, 'shallow')).catch(() => undefined),
  };
}

/**
 * Takes away the packs that came since, and lets history end where it ended before. To be called once no ref names
 * anything of them, and while nobody else works on the repository. Never throws.
 */
export async function undoPacks(directory: string, before: Before): Promise<void> {
  const packs = packsOf(directory);
  const came = (await readdir(packs).catch(() => [])).filter((name) => !before.packs.has(name));
  const lost = [join(directory, 'shallow.lock'), ...came.map((name) => join(packs, name))];
  await Promise.all(lost.map((path) => rm(path, { force: true }).catch(() => undefined)));
  const shallow = join(directory, 'shallow');
  await (before.shallow ? writeFile(shallow, before.shallow) : rm(shallow, { force: true })).catch(
    () => undefined,
  );
}
