import type { Run } from '../command.ts';
import { CliError } from '../exit.ts';

/** `fairlead import` */
export const run: Run = async () => {
  throw new CliError('NotThere', 'import is not there yet');
};
