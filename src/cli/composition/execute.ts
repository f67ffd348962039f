import pLimit from 'p-limit';
import type { Decision } from '../../core/model/plan.ts';
import { execute } from '../../engine/write.ts';
import type { Outcome } from '../../ports/index.ts';
import { exitCodes, type ExitCode } from '../exit.ts';
import type { Session } from '../session.ts';
import { executeContext, type Executed } from './pass.ts';
import type { PlannedSet } from './plan-set.ts';

/** Programs written side by side; each has its own order, and the connection's rate budget sets the pace. */
const programsAtATime = 8;

/**
 * Carries out what was decided. A signal lets the calls under way finish, says so, and leaves the rest `skipped`.
 *
 * @param commits  the commit that explains a write, by source
 */
export async function executeLines(
  { signal, stderr }: Session,
  { lines, set }: Pick<PlannedSet, 'lines' | 'set'>,
  commits: Readonly<Record<string, string>> = {},
): Promise<readonly Executed[]> {
  const sayStopping = (): void => {
    stderr.write('\nfairlead: stopping after the call under way; once more to stop at once\n');
  };
  signal.addEventListener('abort', sayStopping);
  try {
    const limit = pLimit(programsAtATime);
    const programs = lines.flatMap(({ line, planned }) =>
      planned.map((program) => ({ line, program })),
    );
    const executed = await Promise.all(
      programs.map(({ line, program }, index) =>
        limit(async (): Promise<readonly Executed[]> => {
          const decision = set.decisions[index];
          if (!decision) return [];
          const context = executeContext(line, program, commits);
          const outcomes = signal.aborted
            ? skipAll(decision)
            : await execute(decision, line.ports, context, signal);
          return [{ plan: program.plan, decision, outcomes }];
        }),
      ),
    );
    return executed.flat();
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
