import type { Run } from '../command.ts';
import { CliError } from '../exit.ts';

/** `fairlead diff` */
export const run: Run = async () => {
  throw new CliError('NotThere', 'diff is not there yet');
};
