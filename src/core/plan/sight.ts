import type { Fingerprints } from '../model/observed.ts';
import type { Base, Shown } from '../model/plan.ts';
import type { FieldPath, ObservedValue } from '../words/fields.ts';
import { createBases, type BaseWork, type ObservedSide } from './base-work.ts';
import { createDigestMemo } from './digest-memo.ts';
import { createKeyring, type Keyring, type Wish } from './keyring.ts';
import type { BaseRelation } from './ownership.ts';
import { isSame, showDesired, showObserved } from './shown.ts';

export type { Wish } from './keyring.ts';

/** `unavailable`: a store says no. `unverified`: no store is configured here. */
export type Comparison = 'equal' | 'different' | 'unavailable' | 'unverified';

/** Compares, digests and shows values. */
export interface Sight {
  /** Id of the present fingerprint key; absent offline. */
  readonly keyId: string | undefined;
  readonly compare: (wish: Wish, side: ObservedSide) => Comparison;
  /** The base of a declared value under the present key; undefined where its fingerprint is not known. */
  readonly desiredBase: (wish: Wish) => Base | undefined;
  /** What the base says; whether there is a mark at all is the caller's to know. */
  readonly relate: (wish: Wish | undefined, side: ObservedSide) => Exclude<BaseRelation, 'noMark'>;
  /** A base that stays, under the present key if either side shows that it is the same value. */
  readonly renewed: (wish: Wish | undefined, side: ObservedSide) => Base | undefined;
  readonly entryKey: (path: FieldPath) => string;
  readonly showDesired: (wish: Wish) => Shown;
  /** @param wish  a declared literal that the value equals is public; any other variable's value counts as secret */
  readonly showObserved: (
    path: FieldPath,
    observed: ObservedValue | undefined,
    wish: Wish | undefined,
  ) => Shown;
}

/** @param fingerprints  verdicts on every secret that is declared, and the keys bases were made with */
export function createSight(fingerprints: Fingerprints): Sight {
  const keyring = createKeyring(fingerprints);
  const digests = createDigestMemo();
  const bases = createBases(keyring, digests);
  return {
    keyId: keyring.key?.id,
    compare: (wish, side) => compare(wish, side, { keyring, bases }),
    desiredBase: bases.desired,
    relate(wish, side) {
      if (!side.held) return 'none';
      if (wish && bases.isDesired(wish, side.held)) return 'desired';
      return bases.isObserved(side) ? 'observed' : 'neither';
    },
    renewed: bases.renewed,
    entryKey: digests.entryKey,
    showDesired: (wish) => showDesired(wish, keyring),
    showObserved: (path, observed, wish) => showObserved({ path, observed, wish }, keyring),
  };
}

interface Tools {
  readonly keyring: Keyring;
  readonly bases: BaseWork;
}

function compare(wish: Wish, side: ObservedSide, { keyring, bases }: Tools): Comparison {
  const state = keyring.stateOf(wish);
  if (state !== 'known') return state;
  const { observed, held } = side;
  const isEqual =
    wish.value.kind === 'secret'
      ? sameSecret(wish, observed, keyring)
      : sameLiteral(wish, observed);
  if (isEqual === undefined) return 'unverified';
  const isHiddenEqual =
    observed?.kind === 'hidden' && held !== undefined && bases.isDesired(wish, held);
  return isEqual || isHiddenEqual ? 'equal' : 'different';
}

function sameLiteral({ value }: Wish, observed: ObservedValue | undefined): boolean {
  return observed !== undefined && isSame(value, observed);
}

/** Undefined where nothing can be compared: no key, or no fingerprint under it. */
function sameSecret(
  wish: Wish,
  observed: ObservedValue | undefined,
  { key, ofDesired, ofObserved }: Keyring,
) {
  const wanted = key && ofDesired(wish, key.id);
  if (!key || wanted === undefined) return undefined;
  return observed !== undefined && ofObserved(observed, key.id) === wanted;
}
