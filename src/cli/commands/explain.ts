import { explain, parseQuery, type ExplainQuery } from '../../core/explain/explain.ts';
import type { DesiredProgram } from '../../core/model/desired.ts';
import { explanationText } from '../../core/render/explanation-text.ts';
import { problemDocument } from '../../core/render/plan-document.ts';
import { pathsOf, variableName } from '../../core/words/fields.ts';
import { textOption, type Run } from '../command.ts';
import { declareForCommand } from '../composition/command-declarations.ts';
import { trustOf } from '../composition/declarations.ts';
import { CliError, exitCodes } from '../exit.ts';
import { printJson, printText, styleOf } from '../output.ts';
import { printProblems } from '../problems.ts';

/** `fairlead explain RELEASE[/APP/ENV[/FIELD]] PATH...` */
export const run: Run = async (session, given) => {
  const [subject = '', ...paths] = given.args;
  const actAs = textOption(given, 'as');
  const declared = await declareForCommand(session, { isOffline: true, paths, actAs });
  const { sources, locate, problems, administration } = declared;
  const query = readQuery(subject, variablesOf(declared.programs));
  const explanation = explain({ sources, locate, trust: trustOf(administration, actAs) }, query);
  const lost = explanation.problems.find(({ rule }) => rule === 'release-not-found');
  const invalid = problems.some(({ severity }) => severity === 'error');
  if (lost) {
    throw new CliError('NotFound', lost.message, {
      exit: invalid ? exitCodes.invalid : exitCodes.error,
      problems: problems.filter(({ severity }) => severity === 'error'),
      ...(lost.nextStep === undefined ? {} : { nextStep: lost.nextStep }),
    });
  }
  if (textOption(given, 'output') === 'json') {
    printJson(session, { ...explanation, problems: problems.map(problemDocument) });
  } else {
    const whole = query.field !== undefined;
    printText(session, explanationText(explanation, { style: styleOf(session), whole }));
    printProblems(session, declared);
  }
  return invalid ? exitCodes.invalid : exitCodes.done;
};

function variablesOf(programs: readonly DesiredProgram[]): readonly string[] {
  const paths = programs
    .flatMap(({ releases }) => releases)
    .flatMap((release) => [release, ...(release.rivals ?? [])])
    .flatMap(({ config }) => pathsOf(config));
  return [...new Set(paths)].flatMap((path) => variableName(path) ?? []);
}

function readQuery(text: string, variables: readonly string[]): ExplainQuery {
  const parsed = parseQuery(text, variables);
  if (parsed.ok) return parsed.query;
  throw new CliError('Usage', parsed.message, { nextStep: parsed.nextStep });
}
