import type { DesiredProgram } from '../core/model/desired.ts';
import type { Standing } from '../core/model/orders.ts';
import { suspendedConnection, suspendProgram } from '../core/plan/suspension.ts';
import { programId } from '../core/words/keys.ts';

/** The program as people and connection suspend it, whatever its declarations say; itself where nobody does. */
export function suspendedAs(
  program: DesiredProgram,
  { everything, programs }: Pick<Standing, 'everything' | 'programs'>,
  connection: string | undefined,
): DesiredProgram {
  if (connection !== undefined) return suspendProgram(program, suspendedConnection(connection));
  const order = everything ?? programs.get(programId(program.key));
  if (!order) return program;
  const { reason, by, until } = order;
  return suspendProgram(program, {
    reason: `${reason} (${by})`,
    ...(until === undefined ? {} : { until }),
  });
}
