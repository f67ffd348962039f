import type { ControllerStatus } from '../../core/model/controller.ts';
import { plural } from '../../core/render/sentence.ts';
import { visible } from '../../core/render/visible.ts';
import { stateWord } from '../../core/render/status-parts.ts';
import type { EpochMs } from '../../core/words/time.ts';
import { textOption, type Given, type Run } from '../command.ts';
import { readStatus } from '../composition/status-file.ts';
import { CliError, exitCodes } from '../exit.ts';
import { named, waitingIn, type Waiting } from '../orders/approvable.ts';
import { giveAndTell, stateDirOf } from '../orders/give.ts';
import { shortTime, untilOf } from '../orders/until.ts';
import { userOf } from '../orders/user.ts';
import type { Session } from '../session.ts';
import { systemClock } from '../system.ts';

const idPattern = /^c-[0-9a-f]{12}$/;
const mostShown = 20;

/** `fairlead approve CHANGEID` */
export const run: Run = async (session, given) => {
  const [asked = ''] = given.args;
  if (!idPattern.test(asked)) {
    throw new CliError('Usage', `${asked} is not the id of a change`, {
      nextStep: 'an id is c- and 12 hexadecimal digits, as fairlead status and fairlead plan show',
    });
  }
  const until = untilOf(textOption(given, 'until'), systemClock.wall());
  const stateDir = stateDirOf(session, given);
  const waiting = waitingIn(await readStatus(stateDir));
  const meant = named(waiting, asked);
  const approved = meant.filter(({ isApprovable }) => isApprovable);
  const left = meant.filter(({ isApprovable }) => !isApprovable);
  if (meant.length === 0) throw unknown(session, given, { asked, waiting });
  if (approved.length === 0) throw notApprovable(asked, left);
  const by = userOf(session);
  const ids = [...new Set(approved.map(({ id }) => id))];
  await giveAndTell(session, given, {
    stateDir,
    orders: [{ kind: 'approve', by, asked, ids, ...(until === undefined ? {} : { until }) }],
    lines: [
      `approved by ${by}${untilText(until)}:`,
      ...approved.map(({ what, reason }) => `  ${what} (${reason})`),
      ...(left.length === 0 ? [] : ['not approved, as no approval releases it:']),
      ...left.map(whyNot),
    ],
    details: { approved: approved.map(shown), notApproved: left.map(shown) },
    isSeen: (status) => stillWaiting(status, ids).length === 0,
    seenLines: (status) => [
      `${plural(ids.length, 'change')} released`,
      ...statesOf(status, new Set(approved.map(({ whose }) => whose))),
    ],
  });
  return exitCodes.done;
};

/** What became of whatever the changes are of. */
function statesOf(
  { sources, programs }: ControllerStatus,
  whose: ReadonlySet<string>,
): readonly string[] {
  const all = [
    ...sources.map(({ name, state }) => ({ name: `source ${name}`, state })),
    ...programs.map(({ names, id, state }) => ({ name: names[0] ?? id, state })),
  ];
  return all
    .filter(({ name }) => whose.has(name))
    .map(({ name, state }) => `${name} is ${stateWord(state)}`);
}

function untilText(until: EpochMs | undefined): string {
  return until === undefined ? '' : ` until ${shortTime(until)}`;
}

function stillWaiting(status: ControllerStatus, ids: readonly string[]): readonly Waiting[] {
  return waitingIn(status).filter(({ id }) => ids.includes(id));
}

function shown({ id, what, reason, message }: Waiting) {
  return { id, what, reason, message };
}

function whyNot({ what, reason, message }: Waiting): string {
  return `  ${what} (${reason}: ${message})`;
}

/** Where nothing of what was named can be approved. */
function notApprovable(asked: string, left: readonly Waiting[]): CliError {
  const reasons = [...new Set(left.map(({ reason }) => reason))].join(' and ');
  const [first] = left;
  return new CliError(
    'NotApprovable',
    `${asked} is held as ${reasons}, which no approval releases: ${first?.what ?? ''}: ${first?.message ?? ''}`,
    { nextStep: left.map(({ reason }) => waysOut[reason]).find(Boolean) ?? otherwise },
  );
}

const waysOut: Readonly<Record<string, string>> = {
  Suspended: 'fairlead resume ends what fairlead suspend began; else the declaration suspends it',
  AwaitsOther: 'it is released by what it waits for, which the message names',
  DriftIgnored: 'the policy says Ignore: change onDrift in the declaration',
};
const otherwise = 'see what fairlead status says of it';

function unknown(
  session: Session,
  given: Given,
  { asked, waiting }: { readonly asked: string; readonly waiting: readonly Waiting[] },
): CliError {
  const shownNow = waiting.slice(0, mostShown);
  const more = waiting.length - shownNow.length;
  const rest = more > 0 ? [`and ${String(more)} more: see fairlead status`] : [];
  const lines = [
    ...shownNow.map(({ id, what, reason }) => `${id}  ${what} (${reason})`),
    ...rest,
  ].map(visible);
  const isJson = textOption(given, 'output') === 'json';
  if (!isJson && lines.length > 0) {
    session.stderr.write(`held now:\n${lines.map((line) => `  ${line}\n`).join('')}`);
  }
  return new CliError('NotFound', `${asked} names nothing that is held now`, {
    nextStep: [
      ...(lines.length === 0 ? ['nothing is held now'] : []),
      ...(isJson && lines.length > 0 ? [`held now: ${lines.join(', ')}`] : []),
      'if a value has moved since, the change has another id',
    ].join('; '),
  });
}
