import { Decrypter } from 'age-encryption';
import { ReconcileError } from '../core/words/errors.ts';
import { SecretText } from '../core/words/secret-text.ts';
import { readValue, type ValueFrom, type ValueSources } from './value.ts';

/** An age key of the settings, or a file with several. */
export interface AgeIdentity extends ValueFrom {
  /** Whose documents it opens; absent: everybody's. */
  readonly for?: readonly string[];
}

/**
 * The age keys that open a source's documents: `AGE-SECRET-KEY-1...`, one a line, between comments and empty lines.
 *
 * @throws ReconcileError `SecretUnavailable`, naming the variable or file and the line
 */
export async function readIdentities(
  identities: readonly AgeIdentity[],
  source: string,
  values: ValueSources,
): Promise<readonly SecretText[]> {
  const own = identities.filter((each) => each.for === undefined || each.for.includes(source));
  const read = await Promise.all(
    own.map(async (from) => parse(await readValue(from, values), placeOf(from))),
  );
  const all = read.flat();
  if (all.length === 0)
    throw unavailable(`no age key is configured for the encrypted documents of ${source}`);
  return all;
}

function placeOf({ env, file }: ValueFrom): string {
  return env === undefined ? `file ${file ?? ''}` : `variable ${env}`;
}

function parse(text: string, place: string): readonly SecretText[] {
  return text.split('\n').flatMap((line, index) => {
    const key = line.trim();
    if (key === '' || key.startsWith('#')) return [];
    if (isIdentity(key)) return [new SecretText(key)];
    throw unavailable(`${place} holds no age key in line ${index + 1}`);
  });
}

function isIdentity(key: string): boolean {
  if (!/^AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]+$/.test(key)) return false;
  try {
    new Decrypter().addIdentity(key);
    return true;
  } catch {
    // A damaged one; the library's words could hold it.
    return false;
  }
}

function unavailable(message: string): ReconcileError {
  return new ReconcileError('SecretUnavailable', message, {
    nextStep:
      'name a file of age-keygen, or a variable with its AGE-SECRET-KEY-1 line, in ageIdentities',
  });
}
