import { applyDocument, applyText } from '../core/render/apply-result.ts';
import { plural } from '../core/render/sentence.ts';
import { renderText } from '../core/render/text.ts';
import { visible } from '../core/render/visible.ts';
import type { PlannedSet } from './composition/plan-set.ts';
import type { Executed } from './composition/pass.ts';
import type { CallCount } from './composition/runtime.ts';
import { printJson, printText, styleOf } from './output.ts';
import { drawQr } from './qr.ts';
import { reportFailedPrograms } from './report-failed.ts';
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

function drawCodes(session: Session, executed: readonly Executed[]): void {
  for (const outcome of executed.flatMap(({ outcomes }) => outcomes)) {
    if (outcome.result !== 'applied' || outcome.written.kind !== 'release') continue;
    const { key, testQrCode } = outcome.written.release;
    if (testQrCode === undefined) continue;
    const title = `${key.version}  ${key.app}/${key.environment}  ${testQrCode}`;
    printText(session, `\n${visible(title)}`);
    printText(session, drawQr(testQrCode, session.options));
  }
}
