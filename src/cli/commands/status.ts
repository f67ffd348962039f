import type { ControllerStatus } from '../../core/model/controller.ts';
import { statusDocument, type StatusSet } from '../../core/render/status-document.ts';
import { statusText } from '../../core/render/status-text.ts';
import type { ProgramId } from '../../core/words/keys.ts';
import { flag, textOption, type Given, type Run } from '../command.ts';
import { isLocked } from '../composition/state-lock.ts';
import { CliError, exitCodes } from '../exit.ts';
import { stateDirOf, statusIfAny } from '../orders/give.ts';
import { chooseProgram, nameable } from '../orders/programs.ts';
import { printJson, printText, styleOf } from '../output.ts';
import type { Session } from '../session.ts';
import { systemClock } from '../system.ts';

/** `fairlead status [PROGRAM]` */
export const run: Run = async (session, given) => {
  const stateDir = stateDirOf(session, given);
  const status = await statusIfAny(stateDir);
  const chosen = chosenOf(given, status);
  const set: StatusSet = {
    stateDir,
    status,
    running: await isRunning(stateDir, session),
    now: systemClock.wall(),
    ...(chosen === undefined ? {} : { chosen }),
  };
  if (textOption(given, 'output') === 'json') printJson(session, statusDocument(set));
  else printText(session, statusText(set, { style: styleOf(session), all: flag(given, 'all') }));
  return exitCodes.done;
};

function chosenOf({ args }: Given, status: ControllerStatus | undefined): ProgramId | undefined {
  const [text] = args;
  return text === undefined ? undefined : chooseProgram(text, nameable(status)).id;
}

/** What a reader may not find out, the status tells all the same. */
async function isRunning(stateDir: string, { stderr }: Session): Promise<boolean | undefined> {
  try {
    return await isLocked(stateDir);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    stderr.write(`fairlead: warning: ${error.message}\n`);
    return undefined;
  }
}
