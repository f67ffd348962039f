import type { DesiredRelease } from '../model/desired.ts';
import { fingerprintIndex, type Fingerprints } from '../model/observed.ts';
import { secretRefText, type FieldPath } from '../words/fields.ts';
import { names } from './sentences.ts';

/** Each secret a store did not give: the variable, the reference, and what the store said, which never holds a value. */
export function refusedSecrets(
  { config, source }: Pick<DesiredRelease, 'config' | 'source'>,
  paths: readonly FieldPath[],
  { secrets }: Fingerprints,
): readonly string[] {
  return paths.flatMap((path) => {
    const value = config[path]?.value;
    if (value?.kind !== 'secret') return [];
    const verdict = secrets[fingerprintIndex(source, value.ref)];
    const why = verdict?.state === 'unavailable' ? `: ${verdict.message}` : '';
    return [`${names([path])} from ${secretRefText(value.ref)}${why}`];
  });
}
