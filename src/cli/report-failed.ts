import { sentenceText, someOf } from '../core/render/sentence.ts';
import type { PlannedSet } from './composition/plan-set.ts';
import type { Session } from './session.ts';

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
