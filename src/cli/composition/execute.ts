import type { Decision } from '../../core/model/plan.ts';
import { execute } from '../../engine/write.ts';
import type { Outcome } from '../../ports/index.ts';
import { exitCodes, type ExitCode } from '../exit.ts';
import { executeContext, type Executed, type PlannedLine } from './pass.ts';

/** Carries out the decisions, program after program; a signal leaves the rest `skipped`. */
export async function executeLines(
  lines: readonly PlannedLine[],
  decisions: readonly Decision[],
  signal: AbortSignal,
  commits: Readonly<Record<string, string>> = {},
): Promise<readonly Executed[]> {
  const programs = lines.flatMap(({ line, planned }) =>
    planned.map((program) => ({ line, program })),
  );
  const executed: Executed[] = [];
  for (const [index, { line, program }] of programs.entries()) {
    const decision = decisions[index];
    if (!decision) continue;
    const context = executeContext(line, program, commits);
    const outcomes = signal.aborted
      ? skipAll(decision)
      : await execute(decision, line.ports, context, signal);
    executed.push({ plan: program.plan, decision, outcomes });
  }
  return executed;
}

function skipAll(decision: Decision): readonly Outcome[] {
  return decision.apply.map(({ change }) => ({
    result: 'skipped',
    change,
    why: 'stopped before it',
  }));
}

/** Which exit codes apply after writing: the plan's verdict, and what became of the writes. */
export function verdictAfter(
  executed: readonly Executed[],
  verdict: readonly ExitCode[],
): readonly ExitCode[] {
  const outcomes = executed.flatMap((each) => each.outcomes);
  const failed = outcomes.some(({ result }) => result === 'failed');
  // Left or skipped: the platform moved after the plan was made, and another plan will tell how.
  const stale = outcomes.some(
    (outcome) =>
      outcome.result === 'skipped' || (outcome.result === 'applied' && outcome.left.length > 0),
  );
  return [
    ...(failed ? [exitCodes.error] : []),
    ...(stale ? [exitCodes.stale] : []),
    ...verdict.filter((code) => code === exitCodes.held || code === exitCodes.blocked),
  ];
}
