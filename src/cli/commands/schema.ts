import type { Run } from '../command.ts';
import { CliError, exitCodes } from '../exit.ts';
import { printJson } from '../output.ts';
import { nearestSchema, schemaNames, schemaOf } from '../schemas.ts';

/** `fairlead schema [KIND]` */
export const run: Run = async (session, { args: [kind] }) => {
  const schema = await schemaOf(kind);
  if (schema === undefined) {
    const nearest = nearestSchema(kind ?? '');
    throw new CliError('Usage', `there is no kind ${kind ?? ''}`, {
      nextStep: nearest ? `did you mean ${nearest}?` : `use one of ${schemaNames.join(', ')}`,
    });
  }
  printJson(session, schema);
  return exitCodes.done;
};
