import { type Environment, environments, isEnvironment } from '../words/environments.ts';
import { type FieldPath, fields, isField, isVariable, variablePath } from '../words/fields.ts';
import { nearest, oneOf } from '../validate/names.ts';

/** What somebody wants explained; what is absent means all. */
export interface ExplainQuery {
  /** Name of a MiniProgramRelease. */
  readonly release: string;
  readonly app?: string;
  readonly environment?: Environment;
  readonly field?: FieldPath;
}

export type ParsedQuery =
  | { readonly ok: true; readonly query: ExplainQuery }
  | { readonly ok: false; readonly message: string; readonly nextStep: string };

const form = 'RELEASE[/APP/ENVIRONMENT[/FIELD]]';

/**
 * Reads `RELEASE[/APP/ENVIRONMENT[/FIELD]]`; a variable is `environmentVariables/NAME`, or its name alone.
 *
 * @param variables  names of the variables that are declared
 */
export function parseQuery(text: string, variables: readonly string[] = []): ParsedQuery {
  const [release = '', app, environment, ...rest] = text.split('/');
  if (release === '' || app === '' || (app !== undefined && environment === undefined))
    return wrong(
      `${text} is not of the form ${form}`,
      `Write it as ${form}, such as coffee-2.4.0/megapay/Sandbox.`,
    );
  if (app === undefined || environment === undefined) return { ok: true, query: { release } };
  if (!isEnvironment(environment)) return unknownWord('environment', environment, environments);
  return withField({ release, app, environment }, rest.join('/'), variables);
}

function withField(query: ExplainQuery, field: string, variables: readonly string[]): ParsedQuery {
  if (field === '') return { ok: true, query };
  if (isField(field) || isVariable(field)) return { ok: true, query: { ...query, field } };
  if (variables.includes(field))
    return { ok: true, query: { ...query, field: variablePath(field) } };
  return unknownWord('field', field, [...fields, 'environmentVariables/NAME', ...variables]);
}

function wrong(message: string, nextStep: string): ParsedQuery {
  return { ok: false, message, nextStep };
}

function unknownWord(what: string, word: string, known: readonly string[]): ParsedQuery {
  const meant = nearest(word, known);
  const hint = meant === undefined ? `Name ${oneOf(known)}.` : `Did you mean ${meant}?`;
  return wrong(`There is no ${what} ${word}`, hint);
}
