import { renderMarkdown } from '../../core/render/markdown.ts';
import { planDocument, type PlanSet } from '../../core/render/plan-document.ts';
import { renderRunbook } from '../../core/render/runbook.ts';
import { renderText } from '../../core/render/text.ts';
import { flag, textOption, type Run } from '../command.ts';
import { declareForCommand } from '../composition/command-declarations.ts';
import { planForCommand, verdictOf } from '../composition/plan-set.ts';
import { writePlanOut } from '../composition/plan-out.ts';
import { exitCodes, firstThatApplies } from '../exit.ts';
import { keepHeapSmall } from '../heap.ts';
import { printJson, printText, styleOf } from '../output.ts';
import { reportFailedPrograms } from '../report-failed.ts';
import type { Session } from '../session.ts';

/** `fairlead plan PATH...` */
export const run: Run = async (session, given) => {
  keepHeapSmall();
  const declared = await declareForCommand(session, {
    paths: given.args,
    actAs: textOption(given, 'as'),
  });
  const planned = await planForCommand(session, declared, {
    snapshot: textOption(given, 'snapshot'),
    stateDir: textOption(given, 'state'),
    takeOver: [],
    allowed: new Set(),
    all: flag(given, 'all'),
  });
  const { set, failed } = planned;
  reportFailedPrograms(session, planned);
  printPlan(session, set, textOption(given, 'output') ?? 'text');
  const out = textOption(given, 'out');
  const stale = out === undefined ? [] : await writePlanOut(session, out, planned);
  const invalid = declared.problems.some(({ severity }) => severity === 'error');
  const verdicts = flag(given, 'detailedExitcode') ? verdictOf(set) : [];
  return firstThatApplies([
    ...(failed.length > 0 ? [exitCodes.error] : []),
    ...(invalid ? [exitCodes.invalid] : []),
    ...stale,
    ...verdicts,
  ]);
};

function printPlan(session: Session, set: PlanSet, format: string): void {
  switch (format) {
    case 'json':
      printJson(session, planDocument(set));
      return;
    case 'markdown':
      printText(session, renderMarkdown(set));
      return;
    case 'runbook':
      printText(session, renderRunbook(set));
      return;
    default:
      printText(session, renderText(set, styleOf(session)));
  }
}
