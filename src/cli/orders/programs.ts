import type { ControllerStatus } from '../../core/model/controller.ts';
import type { ProgramId } from '../../core/words/keys.ts';
import { nearest } from '../../core/validate/names.ts';
import { CliError } from '../exit.ts';

/** A program that a person may name. */
export interface Nameable {
  readonly id: ProgramId;
  /** Names of its MiniPrograms; none where nobody declares it any more. */
  readonly names: readonly string[];
}

/** Programs to choose from: what the controller keeps, and what else is known by its id. */
export function nameable(
  status: ControllerStatus | undefined,
  ids: Iterable<ProgramId> = [],
): readonly Nameable[] {
  const known = (status?.programs ?? []).map(({ id, names }): Nameable => ({ id, names }));
  const seen = new Set(known.map(({ id }) => id));
  return [...known, ...[...ids].filter((id) => !seen.has(id)).map((id) => ({ id, names: [] }))];
}

/**
 * The program that a person means: by the name of its MiniProgram, its id at the platform, WORKSPACE/ID, or
 * PLATFORM/WORKSPACE/ID.
 *
 * @throws CliError `NotFound` with what was probably meant; `Ambiguous` with the ways to say it
 */
export function chooseProgram(text: string, programs: readonly Nameable[]): Nameable {
  const found = programs.filter((program) => waysToSay(program).includes(text));
  const [only] = found;
  if (only && found.length === 1) return only;
  if (only) {
    throw new CliError('Ambiguous', `${text} is more than one program`, {
      nextStep: `name one of them: ${some(found.map(({ id }) => id))}`,
    });
  }
  const meant = nearest(text, programs.flatMap(waysToSay));
  throw new CliError('NotFound', `the controller keeps no program ${text}`, {
    nextStep:
      meant === undefined
        ? `it keeps ${some(programs.map(displayName)) || 'none yet'}`
        : `did you mean ${meant}?`,
  });
}

/** What a person calls a program. */
export function displayName({ id, names }: Nameable): string {
  return names.length > 0 ? names.join(', ') : id;
}

function waysToSay({ id, names }: Nameable): readonly string[] {
  const [, workspace = '', miniProgram = ''] = id.split('/');
  return [...names, miniProgram, `${workspace}/${miniProgram}`, id];
}

const mostNamed = 12;

function some(names: readonly string[]): string {
  const more = names.length - mostNamed;
  const shown = names.slice(0, mostNamed).join('; ');
  return more > 0 ? `${shown}; and ${String(more)} more` : shown;
}
