import { problemsText, validateDocument } from '../../core/render/problems.ts';
import { toSarif } from '../../core/lint/sarif.ts';
import { textOption, type Run } from '../command.ts';
import { declareForCommand } from '../composition/command-declarations.ts';
import { exitCodes } from '../exit.ts';
import { printJson, printText, styleOf } from '../output.ts';
import { toolVersion } from '../version.ts';

/** `fairlead validate PATH...` */
export const run: Run = async (session, given) => {
  const declared = await declareForCommand(session, { paths: given.args, actAs: textOption(given, 'as') });
  const { problems } = declared;
  const invalid = problems.some(({ severity }) => severity === 'error');
  const format = textOption(given, 'output');
  if (format === 'json') printJson(session, validateDocument(declared));
  else if (format === 'sarif') printJson(session, toSarif(problems, toolVersion));
  else printText(session, validateText(problemsText(problems, styleOf(session)), declared));
  return invalid ? exitCodes.invalid : exitCodes.done;
};
