import type { Fingerprints, SecretVerdict } from '../model/observed.ts';
import { fingerprintIndex } from '../model/observed.ts';
import type { Base, Shown } from '../model/plan.ts';
import { digestOf, type Fingerprint, type FingerprintKey } from '../words/digests.ts';
import {
  isVariable,
  listOf,
  variableName,
  type DesiredValue,
  type FieldPath,
  type ObservedValue,
} from '../words/fields.ts';
import { reveal, SecretText } from '../words/secret-text.ts';
import type { BaseRelation } from './ownership.ts';
import { entryKey, fieldBase, variableBaseOf } from './mark.ts';

/** A declared value with who declares it, since a secret's name means what was mapped for that source. */
export interface Wish {
  readonly path: FieldPath;
  readonly value: DesiredValue;
  readonly source: string;
}

/** `unavailable`: a store says no. `unverified`: no store is configured here. */
export type Comparison = 'equal' | 'different' | 'unavailable' | 'unverified';

/** The base a field has, and the id of the key it was made with, if of a secret. */
export interface HeldBase {
  readonly base: Base;
  readonly keyId: string;
}

/** Compares, digests and shows values; remembers digests, since the releases of a program repeat each other. */
export interface Sight {
  compare(wish: Wish, observed: ObservedValue | undefined, held: HeldBase | undefined): Comparison;
  /** The base of a declared value under the present key; undefined where its fingerprint is not known. */
  desiredBase(wish: Wish): Base | undefined;
  /** What a base says; `noMark` is the caller's to know. */
  relate(wish: Wish | undefined, side: ObservedSide): Exclude<BaseRelation, 'noMark'>;
  /** A base that stays, under the present key if either side shows that it is the same value. */
  renewed(wish: Wish | undefined, side: ObservedSide): Base | undefined;
  entryKey(path: FieldPath): string;
  showDesired(wish: Wish): Shown;
  /** @param wish  a declared literal that the value equals is public; every other variable's value counts as secret */
  showObserved(path: FieldPath, observed: ObservedValue | undefined, wish: Wish | undefined): Shown;
  readonly key: FingerprintKey | undefined;
}

export interface ObservedSide {
  readonly path: FieldPath;
  readonly observed: ObservedValue | undefined;
  readonly held: HeldBase | undefined;
}

/** @param fingerprints  verdicts on every secret that is declared, and the keys bases were made with */
export function createSight(fingerprints: Fingerprints): Sight {
  const { key } = fingerprints;
  const digests = createDigests();
  const keys = new Map<string, FingerprintKey>(
    [...fingerprints.previous, ...(key ? [key] : [])].map((each) => [each.id, each]),
  );

  function verdictOf(value: DesiredValue & { kind: 'secret' }, source: string): SecretVerdict {
    return fingerprints.secrets[fingerprintIndex(source, value.ref)] ?? { state: 'unverified' };
  }

  /** The fingerprint of a declared value under a key. */
  function desiredFingerprint({ value, source }: Wish, keyId: string): Fingerprint | undefined {
    if (value.kind === 'list') return undefined;
    if (value.kind === 'text') return keys.get(keyId)?.fingerprint(new SecretText(value.text));
    const verdict = verdictOf(value, source);
    return verdict.state === 'known' ? verdict.fingerprints[keyId] : undefined;
  }

  function compareSecret(
    wish: Wish,
    value: DesiredValue & { kind: 'secret' },
    side: ObservedSide,
  ): Comparison {
    const verdict = verdictOf(value, wish.source);
    if (verdict.state !== 'known') return verdict.state;
    const wanted = key && verdict.fingerprints[key.id];
    if (!key || wanted === undefined) return 'unverified';
    if (side.observed?.kind === 'hidden')
      return isDesiredBase(wish, side.held) ? 'equal' : 'different';
    return observedFingerprint(side.observed, key) === wanted ? 'equal' : 'different';
  }

  function isDesiredBase(wish: Wish, held: HeldBase | undefined): boolean {
    if (!held) return false;
    if (!isVariable(wish.path)) return publicBase(wish.value) === held.base;
    if (held.base.startsWith('l'))
      return wish.value.kind === 'text' && literalBase(wish.value.text) === held.base;
    const fingerprint = desiredFingerprint(wish, held.keyId);
    return fingerprint !== undefined && variableBaseOf('s', fingerprint) === held.base;
  }

  /** A hidden value is judged by the base alone: unless the base is the declaration's, it is taken for what we wrote. */
  function isObservedBase({ path, observed, held }: ObservedSide): boolean {
    if (!observed || !held) return false;
    if (observed.kind === 'hidden') return true;
    if (!isVariable(path)) return observed.kind !== 'sealed' && publicBase(observed) === held.base;
    const text = textOf(observed);
    if (text === undefined) return false;
    if (held.base.startsWith('l')) return literalBase(reveal(text)) === held.base;
    const made = keys.get(held.keyId);
    return made !== undefined && variableBaseOf('s', made.fingerprint(text)) === held.base;
  }

  function publicBase(value: DesiredValue | ObservedValue): Base | undefined {
    if (value.kind === 'text') return fieldBase(digests.text(value.text));
    if (value.kind === 'list') return fieldBase(digests.list(value.items));
    return undefined;
  }

  function literalBase(text: string): Base {
    return variableBaseOf('l', digests.text(text));
  }

  function desiredBase(wish: Wish): Base | undefined {
    if (wish.value.kind !== 'secret') {
      if (!isVariable(wish.path)) return publicBase(wish.value);
      return wish.value.kind === 'text' ? literalBase(wish.value.text) : undefined;
    }
    const fingerprint = key && desiredFingerprint(wish, key.id);
    return fingerprint === undefined ? undefined : variableBaseOf('s', fingerprint);
  }

  function renewed(wish: Wish | undefined, side: ObservedSide): Base | undefined {
    const { held, path, observed } = side;
    if (!held || !key || held.keyId === key.id || !isVariable(path) || !held.base.startsWith('s'))
      return held?.base;
    const text = observed && textOf(observed);
    if (text && isObservedBase(side)) return variableBaseOf('s', key.fingerprint(text));
    const fingerprint =
      wish && isDesiredBase(wish, held) ? desiredFingerprint(wish, key.id) : undefined;
    return fingerprint === undefined ? held.base : variableBaseOf('s', fingerprint);
  }

  return {
    key,
    compare(wish, observed, held) {
      const { value } = wish;
      if (value.kind === 'secret')
        return compareSecret(wish, value, { path: wish.path, observed, held });
      if (observed?.kind === 'hidden') return isDesiredBase(wish, held) ? 'equal' : 'different';
      return observed && isSame(value, observed) ? 'equal' : 'different';
    },
    desiredBase,
    relate(wish, side) {
      if (!side.held) return 'none';
      if (wish && isDesiredBase(wish, side.held)) return 'desired';
      return isObservedBase(side) ? 'observed' : 'neither';
    },
    renewed,
    entryKey: digests.entryKey,
    showDesired(wish) {
      const { value, source } = wish;
      if (value.kind === 'text') return { state: 'value', value: value.text };
      if (value.kind === 'list') return { state: 'value', value: value.items };
      const verdict = verdictOf(value, source);
      if (verdict.state === 'unavailable') return { state: 'unknown' };
      const fingerprint = key && desiredFingerprint(wish, key.id);
      return fingerprint === undefined ? { state: 'unverified' } : shownSecret(fingerprint);
    },
    showObserved(path, observed, wish) {
      if (!observed) return { state: 'unset' };
      if (observed.kind === 'hidden') return { state: 'unknown' };
      if (observed.kind === 'list') return { state: 'value', value: listOf(observed.items).items };
      if (!isVariable(path) && observed.kind === 'text')
        return { state: 'value', value: observed.text };
      if (wish?.value.kind === 'text' && isSame(wish.value, observed))
        return { state: 'value', value: wish.value.text };
      const text = textOf(observed);
      return key && text ? shownSecret(key.fingerprint(text)) : { state: 'unverified' };
    },
  };
}

function observedFingerprint(
  observed: ObservedValue | undefined,
  key: FingerprintKey,
): Fingerprint | undefined {
  const text = observed && textOf(observed);
  return text && key.fingerprint(text);
}

function textOf(observed: ObservedValue): SecretText | undefined {
  if (observed.kind === 'sealed') return observed.secret;
  return observed.kind === 'text' ? new SecretText(observed.text) : undefined;
}

function shownSecret(fingerprint: Fingerprint): Shown {
  const hex = Buffer.from(fingerprint, 'base64url').toString('hex').slice(0, 16);
  return { state: 'secret', fingerprint: hex };
}

/** Public values; lists are sets. */
export function isSame(desired: DesiredValue, observed: ObservedValue): boolean {
  if (desired.kind === 'text') {
    if (observed.kind === 'sealed') return observed.secret.equals(desired.text);
    return observed.kind === 'text' && observed.text === desired.text;
  }
  if (desired.kind !== 'list' || observed.kind !== 'list') return false;
  return (
    isSameList(desired.items, observed.items) ||
    isSameList(desired.items, listOf(observed.items).items)
  );
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

interface Digests {
  text(text: string): string;
  list(items: readonly string[]): string;
  entryKey(path: FieldPath): string;
}

function createDigests(): Digests {
  const texts = new Map<string, string>();
  const lists = new Map<string, string>();
  const keys = new Map<FieldPath, string>();
  return {
    text: (text) => remembered(texts, text, () => digestOf(text)),
    list(items) {
      const sorted = listOf(items).items;
      return remembered(lists, JSON.stringify(sorted), () => digestOf(sorted));
    },
    entryKey: (path) => remembered(keys, path, () => entryKey(path)),
  };
}

function remembered<K>(map: Map<K, string>, key: K, make: () => string): string {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** Whether the path names a variable by this name; for messages. */
export function plainName(path: FieldPath): string {
  return variableName(path) ?? path;
}
