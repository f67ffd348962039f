import type { Barrier, DesiredGlobal, DesiredRelease } from '../model/desired.ts';

type Claim = DesiredRelease | DesiredGlobal;

/** One claim stands; of the others each is blocked, with the reason in its `barrier`. */
export interface Contest<C extends Claim> {
  readonly incumbent: C;
  readonly others: readonly C[];
}

/**
 * Who of several sources may decide: the claimant named by the record's mark, else the first in the order `resolve` gave.
 * A claim that is not granted is none, whatever the mark says.
 *
 * @param marked  whether the record's mark names this source
 * @see docs: Claims
 */
export function contest<C extends Claim>(
  claim: C & { readonly rivals?: readonly C[] },
  marked: (source: string) => boolean,
): Contest<C> {
  if (claim.rivals === undefined) return { incumbent: claim, others: [] };
  const all: readonly C[] = [claim, ...claim.rivals];
  const standing = all.filter(isClaim);
  const incumbent = standing.find(({ source }) => marked(source)) ?? standing[0] ?? claim;
  const others = all.filter((one) => one !== incumbent).map((one) => lost(one, incumbent));
  return { incumbent, others };
}

function isClaim(claim: Claim): boolean {
  return claim.barrier?.reason !== 'NotGranted';
}

function lost<C extends Claim>(claim: C, incumbent: Claim): C {
  if (!isClaim(claim)) return claim;
  const barrier: Barrier = {
    reason: 'TargetConflict',
    message: `${incumbent.source} already declares it; what ${claim.source} declares is not applied`,
    nextStep: `Remove it from ${claim.source} or from ${incumbent.source}.`,
    places: [incumbent.claims[0], claim.claims[0]],
  };
  return { ...claim, barrier };
}
