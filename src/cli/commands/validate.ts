import { plural } from '../../core/render/sentence.ts';
import { linesOf, problemsText, validateDocument } from '../../core/render/problems.ts';
import { toSarif } from '../../core/lint/sarif.ts';
import { textOption, type Run } from '../command.ts';
import { declareForCommand } from '../composition/command-declarations.ts';
import { exitCodes } from '../exit.ts';
import { printJson, printText, styleOf } from '../output.ts';
import { toolVersion } from '../version.ts';

/** `fairlead validate PATH...` */
export const run: Run = async (session, given) => {
  const declared = await declareForCommand(session, {
    isOffline: true,
    paths: given.args,
    actAs: textOption(given, 'as'),
  });
  const { problems } = declared;
  const invalid = problems.some(({ severity }) => severity === 'error');
  const format = textOption(given, 'output');
  if (format === 'json') printJson(session, validateDocument(declared));
  else if (format === 'sarif') printJson(session, toSarif(problems, toolVersion));
  else {
    const text = problemsText(problems, styleOf(session), linesOf(declared.sources));
    const { documents, releases } = validateDocument(declared).summary;
    printText(
      session,
      text === ''
        ? `${plural(documents, 'document')}, ${plural(releases, 'release')}: no problem found.`
        : text,
    );
  }
  return invalid ? exitCodes.invalid : exitCodes.done;
};
