import { fingerprintIndex, type Fingerprints, type SecretVerdict } from '../model/observed.ts';
import type { Fingerprint, FingerprintKey } from '../words/digests.ts';
import type { DesiredValue, FieldPath, ObservedValue } from '../words/fields.ts';
import { SecretText } from '../words/secret-text.ts';

/** A declared value with who declares it, since a secret's name means what was mapped for that source. */
export interface Wish {
  readonly path: FieldPath;
  readonly value: DesiredValue;
  readonly source: string;
}

/** Fingerprints of values under the present key and those of before a rotation. */
export interface Keyring {
  /** Absent offline: then nothing secret can be compared. */
  readonly key: FingerprintKey | undefined;
  /** Of a declared value; undefined where key or value are not known here. */
  readonly ofDesired: (wish: Wish, keyId: string) => Fingerprint | undefined;
  readonly ofObserved: (observed: ObservedValue, keyId: string) => Fingerprint | undefined;
  /** What the store said of a declared secret; a literal is always known. */
  readonly stateOf: (wish: Wish) => SecretVerdict['state'];
}

export function createKeyring({ key, previous, secrets }: Fingerprints): Keyring {
  const all = [...previous, ...(key ? [key] : [])];
  const keys = new Map<string, FingerprintKey>(all.map((each) => [each.id, each]));

  function verdictOf({ value, source }: Wish): SecretVerdict {
    if (value.kind !== 'secret') return { state: 'known', fingerprints: {} };
    return secrets[fingerprintIndex(source, value.ref)] ?? { state: 'unverified' };
  }

  return {
    key,
    ofDesired(wish, keyId) {
      const { value } = wish;
      if (value.kind === 'list') return undefined;
      if (value.kind === 'text') return keys.get(keyId)?.fingerprint(new SecretText(value.text));
      const verdict = verdictOf(wish);
      return verdict.state === 'known' ? verdict.fingerprints[keyId] : undefined;
    },
    ofObserved(observed, keyId) {
      const text = textOf(observed);
      return text && keys.get(keyId)?.fingerprint(text);
    },
    stateOf: (wish) => verdictOf(wish).state,
  };
}

/** One text, sealed; undefined for a list and for what cannot be seen. */
export function textOf(observed: ObservedValue): SecretText | undefined {
  if (observed.kind === 'sealed') return observed.secret;
  return observed.kind === 'text' ? new SecretText(observed.text) : undefined;
}
