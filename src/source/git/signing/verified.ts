import { digestOf } from '../../../core/words/digests.ts';
import type { SignerLists } from './judge.ts';

/** Commits that were found good under one policy, so that a long history can be verified in several goes. */
export interface Verified {
  has(id: string): boolean;
  add(id: string): void;
}

/** More than one range can hold; what is forgotten is verified again. */
const most = 40_000;

/**
 * What one process remembers of one source. Other keys, other signers: everything is forgotten.
 *
 * @returns a function that gives what is remembered under a policy
 */
export function rememberVerified(): (policy: SignerLists) => Verified {
  let under = '';
  let ids = new Set<string>();
  return ({ gpgKeys = '', allowedSigners = '' }) => {
    const digest = digestOf(JSON.stringify([gpgKeys, allowedSigners]));
    if (digest !== under || ids.size > most) ids = new Set();
    under = digest;
    return ids;
  };
}
