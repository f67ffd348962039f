import type { Session } from '../session.ts';
import { CliError } from '../exit.ts';
import type { CommandDeclarations } from './command-declarations.ts';
import type { PlannedSet, PlanOptions } from './plan-set.ts';

export async function planFromSnapshot(
  _session: Session,
  _declared: CommandDeclarations,
  _options: PlanOptions & { readonly snapshot: string },
): Promise<PlannedSet> {
  throw new CliError('NotThere', 'not there yet');
}
