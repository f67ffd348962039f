import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DesiredProgram } from '../../core/model/desired.ts';
import { programId } from '../../core/words/keys.ts';

/** What the last completed pass over a settings file wanted: digests by program id. */
export type CompletedPass = Readonly<Record<string, string>>;

const fileName = 'completed.json';

/** What was wanted last time; undefined where that is not known. */
export async function readCompleted(stateDir: string): Promise<CompletedPass | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(stateDir, fileName), 'utf8'));
    return isCompleted(value) ? value : undefined;
  } catch {
    // Losing it costs the count of changed programs once, and nothing else.
    return undefined;
  }
}

/** Remembers a pass whole or not at all. */
export async function writeCompleted(
  stateDir: string,
  programs: readonly DesiredProgram[],
): Promise<void> {
  const digests = Object.fromEntries(programs.map(({ key, digest }) => [programId(key), digest]));
  await mkdir(stateDir, { recursive: true });
  const file = join(stateDir, fileName);
  await writeFile(`${file}.new`, JSON.stringify(digests));
  await rename(`${file}.new`, file);
}

/** How many programs want something else than last time; undefined where last time is not known. */
export function changedPrograms(
  programs: readonly DesiredProgram[],
  completed: CompletedPass | undefined,
): number | undefined {
  if (!completed) return undefined;
  return programs.filter(({ key, digest }) => completed[programId(key)] !== digest).length;
}

function isCompleted(value: unknown): value is CompletedPass {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((digest) => typeof digest === 'string')
  );
}
