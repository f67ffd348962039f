import type { DesiredProgram } from '../core/model/desired.ts';
import type { Standing } from '../core/model/orders.ts';
import type { Suspension } from '../core/model/policy.ts';
import { programId } from '../core/words/keys.ts';

/** The program as people and connection suspend it, whatever its declarations say; itself where nobody does. */
export function suspendedAs(
  program: DesiredProgram,
  { everything, programs }: Pick<Standing, 'everything' | 'programs'>,
  connection: string | undefined,
): DesiredProgram {
  if (connection !== undefined)
    return suspend(program, { reason: `the connection is suspended: ${connection}` });
  const order = everything ?? programs.get(programId(program.key));
  if (!order) return program;
  const { reason, by, until } = order;
  return suspend(program, {
    reason: `${reason} (${by})`,
    ...(until === undefined ? {} : { until }),
  });
}

function suspend(program: DesiredProgram, suspended: Suspension): DesiredProgram {
  const { global, releases } = program;
  return {
    ...program,
    releases: releases.map((release) => ({ ...release, suspended })),
    ...(global ? { global: { ...global, suspended } } : {}),
  };
}
