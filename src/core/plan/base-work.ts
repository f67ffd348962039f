import type { Base } from '../model/plan.ts';
import type { Fingerprint } from '../words/digests.ts';
import {
  isVariable,
  type DesiredValue,
  type FieldPath,
  type ObservedValue,
} from '../words/fields.ts';
import { reveal } from '../words/secret-text.ts';
import type { DigestMemo } from './digest-memo.ts';
import { textOf, type Keyring, type Wish } from './keyring.ts';
import { fieldBase, variableBaseOf } from './mark.ts';

/** The base a field has, and the id of the key it was made with, if of a secret. */
export interface HeldBase {
  readonly base: Base;
  readonly keyId: string;
}

/** What stands on the platform's side of a field. */
export interface ObservedSide {
  readonly path: FieldPath;
  readonly observed: ObservedValue | undefined;
  readonly held: HeldBase | undefined;
}

/** Digests values as bases and compares them with bases. */
export interface BaseWork {
  readonly desired: (wish: Wish) => Base | undefined;
  readonly isDesired: (wish: Wish, held: HeldBase) => boolean;
  readonly isObserved: (side: ObservedSide) => boolean;
  readonly renewed: (wish: Wish | undefined, side: ObservedSide) => Base | undefined;
}

export function createBases(keyring: Keyring, digests: DigestMemo): BaseWork {
  const presentId = keyring.key?.id;

  function publicBase(value: DesiredValue | ObservedValue): Base | undefined {
    if (value.kind === 'text') return fieldBase(digests.text(value.text));
    return value.kind === 'list' ? fieldBase(digests.list(value.items)) : undefined;
  }

  function literalBase(text: string): Base {
    return variableBaseOf('l', digests.text(text));
  }

  function secretBase(fingerprint: Fingerprint | undefined): Base | undefined {
    return fingerprint === undefined ? undefined : variableBaseOf('s', fingerprint);
  }

  function desired(wish: Wish): Base | undefined {
    const { value, path } = wish;
    if (value.kind === 'secret') {
      return presentId === undefined ? undefined : secretBase(keyring.ofDesired(wish, presentId));
    }
    return isVariable(path) && value.kind === 'text' ? literalBase(value.text) : publicBase(value);
  }

  function isDesired(wish: Wish, { base, keyId }: HeldBase): boolean {
    if (!isVariable(wish.path)) return publicBase(wish.value) === base;
    if (!isLiteral(base)) return secretBase(keyring.ofDesired(wish, keyId)) === base;
    return wish.value.kind === 'text' && literalBase(wish.value.text) === base;
  }

  /** A hidden value is judged by the base alone: unless that is the declaration's, it is taken for what we wrote. */
  function isObserved({ path, observed, held }: ObservedSide): boolean {
    if (!observed || !held) return false;
    if (observed.kind === 'hidden') return true;
    if (!isVariable(path)) return publicBase(observed) === held.base;
    if (!isLiteral(held.base)) {
      return secretBase(keyring.ofObserved(observed, held.keyId)) === held.base;
    }
    const text = textOf(observed);
    return text !== undefined && literalBase(reveal(text)) === held.base;
  }

  /** The fingerprint under the present key of the side that the base stands for. */
  function presentFingerprint(wish: Wish | undefined, side: ObservedSide, keyId: string) {
    if (side.observed && isObserved(side)) return keyring.ofObserved(side.observed, keyId);
    return wish && side.held && isDesired(wish, side.held)
      ? keyring.ofDesired(wish, keyId)
      : undefined;
  }

  function renewed(wish: Wish | undefined, side: ObservedSide): Base | undefined {
    const { held, path } = side;
    if (!held || presentId === undefined || held.keyId === presentId) return held?.base;
    if (!isVariable(path) || isLiteral(held.base)) return held.base;
    return secretBase(presentFingerprint(wish, side, presentId)) ?? held.base;
  }

  return { desired, isDesired, isObserved, renewed };
}

function isLiteral(base: Base): boolean {
  return base.startsWith('l');
}
