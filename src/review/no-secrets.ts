import { fingerprintIndex } from '../core/model/observed.ts';
import { ReconcileError } from '../core/words/errors.ts';
import type { SecretStore } from '../ports/index.ts';

/** No store at all: every secret stays `unverified`, and no key is there with which a guess could be proved. */
export function noSecrets(): SecretStore {
  return {
    fingerprints: (_connection, wanted) =>
      Promise.resolve({
        previous: [],
        secrets: Object.fromEntries(
          wanted.map(({ source, ref }) => [
            fingerprintIndex(source, ref),
            { state: 'unverified' as const },
          ]),
        ),
      }),
    open: () => Promise.reject(new ReconcileError('SecretUnavailable', 'a review opens no secret')),
  };
}
