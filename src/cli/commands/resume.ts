import type { ControllerStatus } from '../../core/model/controller.ts';
import type { Standing } from '../../core/model/orders.ts';
import { stateWord } from '../../core/render/status-parts.ts';
import type { ProgramId } from '../../core/words/keys.ts';
import { flag, type Given, type Run } from '../command.ts';
import type { GivenOrder } from '../composition/orders.ts';
import { CliError, exitCodes } from '../exit.ts';
import { giveAndTell, standingIn, stateDirOf, statusIfAny } from '../orders/give.ts';
import { chooseProgram, displayName, nameable, type Nameable } from '../orders/programs.ts';
import { reasonOf } from '../orders/reason.ts';
import { userOf } from '../orders/user.ts';

/** `fairlead resume [PROGRAM]` */
export const run: Run = async (session, given) => {
  const reason = reasonOf(given);
  const stateDir = stateDirOf(session, given);
  const status = await statusIfAny(stateDir);
  const stands = await standingIn(session, stateDir);
  const programs = nameable(status, stands.programs.keys());
  const choice = choose(given, programs, stands);
  const by = userOf(session);
  const base = { kind: 'resume', by, ...(reason === undefined ? {} : { reason }) } as const;
  await giveAndTell(session, given, {
    stateDir,
    orders: [
      ...(choice.everything ? [base] : []),
      ...choice.programs.map(({ id }): GivenOrder => ({ ...base, program: id })),
    ],
    lines: linesOf(choice, { by, programs, stands }),
    isSeen: (now) => isResumed(now, choice),
    seenLines: (now) => seenLines(now, choice),
  });
  return exitCodes.done;
};

/** Suspensions that are ended. */
interface Choice {
  readonly everything: boolean;
  readonly programs: readonly Nameable[];
  /** Named, and not suspended by anybody's order. */
  readonly idle?: string;
}

function choose(given: Given, programs: readonly Nameable[], stands: Standing): Choice {
  const [text] = given.args;
  const isSuspended = ({ id }: Nameable): boolean => stands.programs.has(id);
  if (flag(given, 'all')) {
    if (text !== undefined) {
      throw new CliError('Usage', 'resume takes a PROGRAM or --all, not both', {
        nextStep: 'leave one of them out',
      });
    }
    const isIdle = !stands.everything && stands.programs.size === 0;
    return {
      everything: stands.everything !== undefined,
      programs: programs.filter(isSuspended),
      ...(isIdle ? { idle: 'nothing' } : {}),
    };
  }
  if (text === undefined) {
    return stands.everything
      ? { everything: true, programs: [] }
      : { everything: false, programs: [], idle: 'the controller as a whole' };
  }
  const program = chooseProgram(text, programs);
  return isSuspended(program)
    ? { everything: false, programs: [program] }
    : { everything: false, programs: [], idle: displayName(program) };
}

interface Surroundings {
  readonly by: string;
  readonly programs: readonly Nameable[];
  readonly stands: Standing;
}

function linesOf(choice: Choice, { by, programs, stands }: Surroundings): readonly string[] {
  const nameOf = (id: ProgramId): string =>
    displayName(programs.find((program) => program.id === id) ?? { id, names: [] });
  const ended = new Set(choice.programs.map(({ id }) => id));
  const stay = [...stands.programs].filter(([id]) => !ended.has(id));
  return [
    ...(choice.idle === undefined ? [] : [idleLine(choice.idle)]),
    ...(choice.everything ? [`resumed by ${by}: every program that is not suspended by name`] : []),
    ...choice.programs.map((program) => `resumed by ${by}: ${displayName(program)}`),
    ...(stands.everything && !choice.everything
      ? [`every program stays suspended by ${stands.everything.by} (${stands.everything.reason})`]
      : []),
    ...stay.map(
      ([id, { by: who, reason }]) => `${nameOf(id)} stays suspended by ${who} (${reason})`,
    ),
  ];
}

function idleLine(what: string): string {
  return what === 'nothing'
    ? 'nothing is suspended by anybody’s order'
    : `${what} is not suspended by anybody’s order; what a declaration or a connection suspends is ended there`;
}

function isResumed(status: ControllerStatus, { everything, programs }: Choice): boolean {
  if (everything && status.suspended) return false;
  return status.programs.every(
    ({ id, suspended }) => suspended === undefined || !programs.some((one) => one.id === id),
  );
}

function seenLines(status: ControllerStatus, { everything, programs }: Choice): readonly string[] {
  const states = programs.map((program) => {
    const state = status.programs.find(({ id }) => id === program.id)?.state;
    return `${displayName(program)} is ${state === undefined ? 'no longer declared' : stateWord(state)}`;
  });
  return [...(everything ? ['the controller goes on'] : []), ...states];
}
