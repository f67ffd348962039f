import { applyDocument, applyText } from '../core/render/apply-result.ts';
import { plural, sentenceText, someOf } from '../core/render/sentence.ts';
import { renderText } from '../core/render/text.ts';
import type { PlannedSet } from './composition/plan-set.ts';
import type { Executed } from './composition/pass.ts';
import type { CallCount } from './composition/runtime.ts';
import { printJson, printText, styleOf } from './output.ts';
import { drawQr } from './qr.ts';
import type { Session } from './session.ts';

interface Pass {
  readonly planned: PlannedSet;
  readonly executed: readonly Executed[];
  readonly format: string;
  readonly calls: CallCount;
  /** The plan stands above already. */
  readonly planShown?: boolean;
  /** Draw the test QR codes of what was written. */
  readonly qr?: boolean;
}

/** What a pass came to, for people or for scripts. */
export function reportPass(session: Session, pass: Pass): void {
  const { planned, executed, format } = pass;
  const result = { set: planned.set, outcomes: executed.flatMap(({ outcomes }) => outcomes) };
  if (pass.planShown !== true) reportFailedPrograms(session, planned);
  if (format === 'json') {
    printJson(session, applyDocument(result));
    return;
  }
  const style = styleOf(session);
  if (pass.planShown !== true) printText(session, renderText(planned.set, style));
  printText(session, `\n${applyText(result, style)}`);
  if (pass.qr === true) drawCodes(session, executed);
  const { reads, writes } = pass.calls;
  printText(session, `${plural(reads, 'read')}, ${plural(writes, 'write')}.`);
}

/**
 * Programs without a plan, on stderr: their failure is no part of any plan. One failure of many programs is told once.
 *
 * @throws ReconcileError the failure, when no program has a plan: then there is nothing else to say
 */
export function reportFailedPrograms({ stderr }: Session, { failed, set }: PlannedSet): void {
  const [first] = failed;
  if (first && set.plans.length === 0) throw first.error;
  const groups = Map.groupBy(failed, ({ error }) => `${error.code}: ${error.message}`);
  for (const [text, members] of groups) {
    const names = members.map(({ key }) => `${key.workspace}/${key.miniProgram}`);
    stderr.write(`fairlead: ${sentenceText(someOf(names))}: ${text}\n`);
    const nextStep = members[0]?.error.nextStep;
    if (nextStep !== undefined) stderr.write(`  next: ${nextStep}\n`);
  }
}

function drawCodes(session: Session, executed: readonly Executed[]): void {
  for (const outcome of executed.flatMap(({ outcomes }) => outcomes)) {
    if (outcome.result !== 'applied' || outcome.written.kind !== 'release') continue;
    const { key, testQrCode } = outcome.written.release;
    if (testQrCode === undefined) continue;
    printText(session, `\n${key.version}  ${key.app}/${key.environment}  ${testQrCode}`);
    printText(session, drawQr(testQrCode, session.options));
  }
}
