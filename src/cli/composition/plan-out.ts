import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { planFile, planFileText, unfitness } from '../../core/render/plan-file.ts';
import { CliError, exitCodes, type ExitCode } from '../exit.ts';
import type { Session } from '../session.ts';
import type { PlannedSet } from './plan-set.ts';

/**
 * Writes `--out` and says whether it can be applied later.
 *
 * @throws CliError `OutputFailed` when the file cannot be written whole
 */
export async function writePlanOut(
  session: Session,
  path: string,
  { set, lines, installation, takeOver }: PlannedSet,
): Promise<readonly ExitCode[]> {
  const file = planFile({
    programs: lines.flatMap(({ planned }) => planned),
    platforms: set.platforms,
    installation,
    takeOver,
    locate: set.locate,
  });
  await writeWhole(path, planFileText(file));
  const fault = unfitness(set.plans);
  if (!fault) {
    session.stderr.write(`fairlead: wrote ${path}; apply it with: fairlead apply --plan ${path}\n`);
    return [];
  }
  session.stderr.write(
    `fairlead: wrote ${path}, but it cannot be applied: ${fault.message}\n  next: ${fault.nextStep}\n`,
  );
  return [exitCodes.stale];
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  ENOENT: 'there is no such folder',
  EACCES: 'no permission',
  EISDIR: 'it is a folder',
};

/**
 * Writes a file and waits until the disk has it: a full disk fails here, not later, and leaves what was there before.
 *
 * @throws CliError `OutputFailed`
 */
export async function writeWhole(path: string, text: string, mode = 0o644): Promise<void> {
  try {
    const found = await stat(path).catch(() => undefined);
    // A device such as /dev/stdout, a pipe or a folder cannot be replaced.
    if (found?.isFile() === false) await writeFile(path, text);
    else
      await replace(found ? await realpath(path) : path, text, found ? found.mode & 0o777 : mode);
  } catch (cause) {
    throw unwritten(path, cause);
  }
}

function unwritten(path: string, cause: unknown): CliError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  const advice = nextSteps[code] ?? 'free some space or name another file';
  return new CliError('OutputFailed', `${path} could not be written (${reasons[code] ?? code})`, {
    cause,
    nextStep: `nothing was written to the platform; ${advice}, and run it again`,
  });
}

const nextSteps: Readonly<Record<string, string>> = {
  ENOENT: 'make the folder or name another file',
  EISDIR: 'name a file in that folder',
  EACCES: 'name a file in a folder that you may write to',
};

async function replace(path: string, text: string, mode: number): Promise<void> {
  const fresh = `${path}.${String(process.pid)}.new`;
  try {
    // What a process that was killed left behind; in a container the next one has the same id.
    await rm(fresh, { force: true });
    const handle = await open(fresh, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined);
    throw error;
  }
}
