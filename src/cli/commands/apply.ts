import type { ChangeId } from '../../core/model/plan.ts';
import { renderText } from '../../core/render/text.ts';
import { askYes, canAsk, type Reply } from '../ask.ts';
import { warnOfUnusedApprovals } from '../approvals.ts';
import { flag, textOption, textOptions, type Given, type Run } from '../command.ts';
import { declareForCommand, refuseInvalid } from '../composition/command-declarations.ts';
import { executeLines, verdictAfter } from '../composition/execute.ts';
import {
  openForDeclared,
  planWith,
  verdictOf,
  writesOf,
  type PlannedSet,
} from '../composition/plan-set.ts';
import type { Runtime } from '../composition/runtime.ts';
import { CliError, exitCodes, firstThatApplies, type ExitCode } from '../exit.ts';
import { keepHeapSmall } from '../heap.ts';
import { styleOf } from '../output.ts';
import { reportFailedPrograms } from '../report-failed.ts';
import { reportPass } from '../report-pass.ts';
import { stoppedBy, type Session } from '../session.ts';

/** `fairlead apply PATH...` and `fairlead apply --plan FILE [PATH...]` */
export const run: Run = async (session, given) => {
  keepHeapSmall();
  const consent = consentOf(session, given);
  const options = {
    snapshot: undefined,
    stateDir: textOption(given, 'state'),
    takeOver: textOptions(given, 'takeOver'),
    allowed: allowedBy(given),
    all: flag(given, 'all'),
  };
  if (textOption(given, 'plan') !== undefined) {
    const { applyPlanFile } = await import('../composition/apply-plan-file.ts');
    return applyPlanFile(session, given, options, (runtime, planned) =>
      write(session, given, { runtime, planned, consent }),
    );
  }
  if (given.args.length === 0) {
    throw new CliError('Usage', 'nothing to apply', { nextStep: 'give PATH... or --plan FILE' });
  }
  const declared = await declareForCommand(session, {
    paths: given.args,
    actAs: textOption(given, 'as'),
  });
  refuseInvalid(declared);
  const runtime = await openForDeclared(session, declared, options);
  try {
    const planned = await planWith(runtime, { session, declared, options });
    return await write(session, given, { runtime, planned, consent });
  } finally {
    await runtime.close();
  }
};

type Consent = 'given' | 'to ask';

/** Without a terminal nobody can say yes, and a script must not write by accident. */
function consentOf(session: Session, given: Given): Consent {
  if (flag(given, 'yes')) return 'given';
  if (canAsk(session) && textOption(given, 'output') !== 'json') return 'to ask';
  throw new CliError('ConsentNeeded', 'there is no terminal to ask on', {
    nextStep: 'look at `fairlead plan`, then run apply with --yes',
  });
}

function allowedBy(given: Given): ReadonlySet<ChangeId> {
  const ids = textOptions(given, 'allow');
  const wrong = ids.find((id) => !/^c-[0-9a-f]{12}$/.test(id));
  if (wrong !== undefined) {
    throw new CliError('Usage', `${wrong} is no change id`, {
      nextStep: 'take it from the plan: c- and twelve characters',
    });
  }
  return new Set(ids as ChangeId[]);
}

interface ToWrite {
  readonly runtime: Runtime;
  readonly planned: PlannedSet;
  readonly consent: Consent;
}

/** Shows what was planned, asks, writes exactly that, and says what became of it. */
async function write(
  session: Session,
  given: Given,
  { runtime, planned, consent }: ToWrite,
): Promise<ExitCode> {
  const { set } = planned;
  const format = textOption(given, 'output') ?? 'text';
  reportFailedPrograms(session, planned);
  if (format === 'text') session.stdout.write(renderText(set, styleOf(session)));
  const failed = planned.failed.length > 0 ? [exitCodes.error] : [];
  const verdict = verdictOf(set);
  const decided = writesOf(set.decisions);
  warnOfUnusedApprovals(session, planned);
  if (decided > 0 && consent === 'to ask') {
    const reply = await confirmed(session, decided);
    if (reply !== 'yes') {
      session.stderr.write('fairlead: nothing was written\n');
      return reply === 'no' ? exitCodes.error : (stoppedCode(session) ?? exitCodes.interrupted);
    }
  }
  const executed = await executeLines(session, planned);
  reportPass(session, {
    planned,
    executed,
    format,
    calls: runtime.calls(),
    qr: flag(given, 'qr'),
    planShown: true,
  });
  return stoppedCode(session) ?? firstThatApplies([...failed, ...verdictAfter(executed, verdict)]);
}

function stoppedCode({ signal }: Session): ExitCode | undefined {
  const stopped = stoppedBy(signal);
  if (stopped === undefined) return undefined;
  return stopped === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
}

function confirmed(session: Session, writes: number): Promise<Reply> {
  const what = writes === 1 ? 'this change' : `these ${String(writes)} changes`;
  return askYes(session, `\nWrite ${what}? Only "yes" does it: `);
}
