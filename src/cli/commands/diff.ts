import { diff } from '../../core/diff/diff.ts';
import { diffMarkdown } from '../../core/render/diff-markdown.ts';
import { diffText } from '../../core/render/diff-text.ts';
import { problemDocument } from '../../core/render/plan-document.ts';
import { plural } from '../../core/render/sentence.ts';
import { textOption, type Run } from '../command.ts';
import { readSides } from '../composition/diff-sides.ts';
import { exitCodes } from '../exit.ts';
import { printJson, printText, styleOf } from '../output.ts';
import { printProblems } from '../problems.ts';

/** `fairlead diff BASE..HEAD [PATH...]` */
export const run: Run = async (session, given) => {
  const [range = '', ...paths] = given.args;
  const { before, after } = await readSides(session, range, paths);
  const found = diff(before, after);
  const format = textOption(given, 'output');
  if (format === 'json') {
    printJson(session, { ...found, problems: after.problems.map(problemDocument) });
  } else {
    const title = range.endsWith('..') ? `${range}(files)` : range;
    const text =
      format === 'markdown' ? diffMarkdown(found, title) : diffText(found, title, styleOf(session));
    printText(session, text);
    printProblems(session, after);
  }
  // Whoever mends BASE by HEAD must be able to see what HEAD means.
  const left = before.problems.filter(({ severity }) => severity === 'error').length;
  if (left > 0) {
    session.stderr.write(
      `fairlead: warning: ${plural(left, 'error')} in the declarations of BASE; what they concern counts as not declared there\n`,
    );
  }
  const invalid = after.problems.some(({ severity }) => severity === 'error');
  return invalid ? exitCodes.invalid : exitCodes.done;
};
