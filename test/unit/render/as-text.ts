import type { Plan, ReleaseChange } from '../../../src/core/model/plan.ts';
import type { PlanSet } from '../../../src/core/render/plan-document.ts';
import { renderText } from '../../../src/core/render/text.ts';
import { plan, set } from './build.ts';

/** Wide enough for most lines. */
export const wide = { color: false, width: 120, unicode: true };

export function text(plans: readonly Plan[], rest: Partial<PlanSet> = {}): string {
  return renderText(set(plans, rest), wide);
}

/** The lines of one change, without what stands around it. */
export function linesOf(change: ReleaseChange, rest: Partial<PlanSet> = {}): readonly string[] {
  const blocks = text([plan([change])], rest).split('\n\n');
  return (blocks[2] ?? '').split('\n');
}
