import type { Decision } from '../../core/model/plan.ts';
import { execute } from '../../engine/write.ts';
import type { Outcome } from '../../ports/index.ts';
import { exitCodes, type ExitCode } from '../exit.ts';
import type { Session } from '../session.ts';
import { executeContext, type Executed, type ToldToHistory } from './pass.ts';
import type { PlannedSet } from './plan-set.ts';

/**
 * Carries out what was decided. A signal lets the calls under way finish, says so, and leaves the rest `skipped`.
 *
 * @param told  who wrote a wish and who approved it, for history
 */
export async function executeLines(
  { signal, stderr }: Session,
  { lines, set }: Pick<PlannedSet, 'lines' | 'set'>,
  told: ToldToHistory = {},
): Promise<readonly Executed[]> {
  const sayStopping = (): void => {
    stderr.write('\nfairlead: stopping after the calls under way; once more to stop at once\n');
  };
  signal.addEventListener('abort', sayStopping);
  try {
    const programs = lines.flatMap(({ line, planned }) =>
      planned.map((program) => ({ line, program })),
    );
    const executed: Executed[] = [];
    // One program after the other: when somebody says stop, no more than its few calls are still under way.
    for (const [index, { line, program }] of programs.entries()) {
      const decision = set.decisions[index];
      if (!decision) continue;
      const context = executeContext(line, program, told);
      const outcomes = signal.aborted
        ? skipAll(decision)
        : await execute(decision, line.ports, context, signal);
      executed.push({ plan: program.plan, decision, outcomes });
    }
    return executed;
  } finally {
    signal.removeEventListener('abort', sayStopping);
  }
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
