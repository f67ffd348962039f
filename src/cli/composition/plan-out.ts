import { open } from 'node:fs/promises';
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

/** Writes a file and waits until the disk has it: a full disk fails here, not later. */
export async function writeWhole(path: string, text: string, mode = 0o644): Promise<void> {
  try {
    const handle = await open(path, 'w', mode);
    try {
      await handle.writeFile(text);
      // A device such as /dev/stdout cannot be synchronised, and need not be.
      if ((await handle.stat()).isFile()) await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    const why = reasons[code] ?? code;
    throw new CliError('OutputFailed', `${path} could not be written (${why})`, {
      cause,
      nextStep: `nothing was written to the platform; ${code === 'ENOENT' ? 'make the folder' : 'free some space'} or name another file, and run it again`,
    });
  }
}
