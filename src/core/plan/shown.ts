import type { Shown } from '../model/plan.ts';
import type { Fingerprint } from '../words/digests.ts';
import {
  isVariable,
  listOf,
  type DesiredValue,
  type FieldPath,
  type ObservedValue,
} from '../words/fields.ts';
import type { Keyring, Wish } from './keyring.ts';

/** Public values; lists are sets. */
export function isSame(desired: DesiredValue, observed: ObservedValue): boolean {
  if (desired.kind === 'text') {
    if (observed.kind === 'sealed') return observed.secret.equals(desired.text);
    return observed.kind === 'text' && observed.text === desired.text;
  }
  if (desired.kind !== 'list' || observed.kind !== 'list') return false;
  return (
    isSameList(desired.items, observed.items) ||
    isSameList(listOf(desired.items).items, listOf(observed.items).items)
  );
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

/** A declared value as it may be shown. */
export function showDesired(wish: Wish, keyring: Keyring): Shown {
  const { value } = wish;
  if (value.kind === 'text') return { state: 'value', value: value.text };
  if (value.kind === 'list') return { state: 'value', value: listOf(value.items).items };
  if (keyring.stateOf(wish) === 'unavailable') return { state: 'unknown' };
  const fingerprint = keyring.key && keyring.ofDesired(wish, keyring.key.id);
  return fingerprint === undefined ? { state: 'unverified' } : shownFingerprint(fingerprint);
}

/** An observed value as it may be shown; see `Sight.showObserved`. */
export function showObserved(side: ShownSide, keyring: Keyring): Shown {
  const { path, observed, wish } = side;
  if (!observed) return { state: 'unset' };
  const shown = isVariable(path) ? publicVariable(observed, wish) : publicValue(observed);
  return shown ?? shownSecret(observed, keyring);
}

interface ShownSide {
  readonly path: FieldPath;
  readonly observed: ObservedValue | undefined;
  readonly wish: Wish | undefined;
}

function publicValue(observed: ObservedValue): Shown | undefined {
  if (observed.kind === 'text') return { state: 'value', value: observed.text };
  return observed.kind === 'list'
    ? { state: 'value', value: listOf(observed.items).items }
    : undefined;
}

/** Every observed variable counts as secret unless it equals the declared literal. */
function publicVariable(observed: ObservedValue, wish: Wish | undefined): Shown | undefined {
  if (wish?.value.kind !== 'text' || !isSame(wish.value, observed)) return undefined;
  return { state: 'value', value: wish.value.text };
}

function shownSecret(observed: ObservedValue, { key, ofObserved }: Keyring): Shown {
  if (observed.kind === 'hidden') return { state: 'unknown' };
  const fingerprint = key && ofObserved(observed, key.id);
  return fingerprint === undefined ? { state: 'unverified' } : shownFingerprint(fingerprint);
}

function shownFingerprint(fingerprint: Fingerprint): Shown {
  const hex = Buffer.from(fingerprint, 'base64url').toString('hex');
  return { state: 'secret', fingerprint: hex.slice(0, shownDigits) };
}

const shownDigits = 16;
