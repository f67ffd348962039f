import type { Run } from '../command.ts';
import { completionScript, isShell, shells } from '../completion.ts';
import { CliError, exitCodes } from '../exit.ts';
import { printText } from '../output.ts';

/** `fairlead completion SHELL` */
export const run: Run = async (session, { args: [shell = ''] }) => {
  if (!isShell(shell)) {
    throw new CliError('Usage', `no completion for ${shell}`, {
      nextStep: `use one of ${shells.join(', ')}`,
    });
  }
  const { commands } = await import('./index.ts');
  printText(session, completionScript(shell, commands));
  return exitCodes.done;
};
