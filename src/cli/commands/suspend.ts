import type { ControllerStatus } from '../../core/model/controller.ts';
import { textOption, type Given, type Run } from '../command.ts';
import { CliError, exitCodes } from '../exit.ts';
import { giveAndTell, stateDirOf, statusIfAny } from '../orders/give.ts';
import { chooseProgram, displayName, nameable, type Nameable } from '../orders/programs.ts';
import { reasonOf } from '../orders/reason.ts';
import { shortTime, untilOf } from '../orders/until.ts';
import { userOf } from '../orders/user.ts';
import { systemClock } from '../system.ts';

/** `fairlead suspend [PROGRAM] --reason TEXT` */
export const run: Run = async (session, given) => {
  const reason = requiredReason(given);
  const until = untilOf(textOption(given, 'until'), systemClock.wall());
  const stateDir = stateDirOf(session, given);
  const program = chosen(given, await statusIfAny(stateDir));
  const by = userOf(session);
  const whom = program ? displayName(program) : 'every program';
  const end = until === undefined ? 'until somebody resumes it' : `until ${shortTime(until)}`;
  await giveAndTell(session, given, {
    stateDir,
    orders: [
      {
        kind: 'suspend',
        by,
        reason,
        ...(program ? { program: program.id } : {}),
        ...(until === undefined ? {} : { until }),
      },
    ],
    lines: [`suspended by ${by}: ${whom}, ${end} (${reason})`],
    isSeen: (status) => isSuspended(status, program),
    seenLines: () => [`${whom} is suspended: nothing is written`],
  });
  return exitCodes.done;
};

function requiredReason(given: Given): string {
  const reason = reasonOf(given);
  if (reason !== undefined) return reason;
  throw new CliError('Usage', 'a suspension needs a reason', {
    nextStep: 'say why with --reason TEXT: it stands wherever somebody asks why nothing happens',
  });
}

function chosen({ args }: Given, status: ControllerStatus | undefined): Nameable | undefined {
  const [text] = args;
  return text === undefined ? undefined : chooseProgram(text, nameable(status));
}

function isSuspended(status: ControllerStatus, program: Nameable | undefined): boolean {
  if (!program) return status.suspended !== undefined;
  return status.programs.some(({ id, suspended }) => id === program.id && suspended !== undefined);
}
