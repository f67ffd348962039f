import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DesiredProgram } from '../../core/model/desired.ts';
import { programId } from '../../core/words/keys.ts';
import type { Executed } from './pass.ts';
import { makeFolder, writeWhole } from './state-files.ts';

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

/**
 * What is remembered after a pass: the programs that came through it. One that a gate refused, or of which a write failed
 * or was left, keeps what it had: a refused mass change must not look like an old one at the next pass.
 */
export function completedAfter(
  before: CompletedPass | undefined,
  { executed, programs, isMassChange }: FinishedPass,
): CompletedPass | undefined {
  const came = executed.filter((each) => cameThrough(each, isMassChange));
  const through = new Set(came.map(({ plan }) => programId(plan.key)));
  // A first pass counts only when all of it came through: else the rest would look like a mass change.
  if (!before && through.size < programs.length) return undefined;
  return Object.fromEntries(
    programs.flatMap(({ key, digest }) => {
      const id = programId(key);
      const known = through.has(id) ? digest : before?.[id];
      return known === undefined ? [] : [[id, known]];
    }),
  );
}

export interface FinishedPass {
  readonly executed: readonly Executed[];
  readonly programs: readonly DesiredProgram[];
  /** More programs were changed than the gate lets pass. */
  readonly isMassChange: boolean;
}

function cameThrough({ decision, outcomes }: Executed, isMassChange: boolean): boolean {
  const isRefused = isMassChange && decision.held.some(({ reason }) => reason === 'GateRefused');
  return !isRefused && outcomes.every(({ result }) => result === 'applied');
}

/**
 * Remembers a pass whole or not at all; one writer at a time.
 *
 * @throws  as the file system does
 */
export async function writeCompleted(stateDir: string, pass: CompletedPass): Promise<void> {
  await makeFolder(stateDir);
  const file = join(stateDir, fileName);
  const text = JSON.stringify(pass);
  await writeWhole({ file, text, temporary: `${file}.new`, durable: false });
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
