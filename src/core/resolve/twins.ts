import { type ReleaseId, targetId } from '../words/keys.ts';
import type { Place } from '../words/places.ts';
import type { ReleaseClaim, ReleaseClaims } from './release-claim.ts';
import { barrierOf, type Mistake } from './mistakes.ts';

/** Two claims of one source to one key are both out; the key stays claimed, and both places are named. */
export function withoutTwins(claims: readonly ReleaseClaim[]): ReleaseClaims {
  const byKey = new Map<ReleaseId, ReleaseClaim[]>();
  for (const claim of claims) {
    const same = byKey.get(claim.id);
    if (same === undefined) byKey.set(claim.id, [claim]);
    else same.push(claim);
  }
  // One problem per pair of documents: they usually meet in all their targets.
  const mistakes = new Map<string, Mistake>();
  const unique = [...byKey.values()].flatMap(([first, ...others]) => {
    if (first === undefined || others.length === 0) return first ?? [];
    const found = others.map((other) => twin(first, other));
    others.forEach((other, index) => {
      const pair = `${first.entry.id}\n${other.entry.id}`;
      const mistake = found[index];
      const isTold = mistakes.has(pair) || haveOneIdentity(first, other);
      if (mistake !== undefined && !isTold) mistakes.set(pair, mistake);
    });
    return joined(first, others, found);
  });
  return { claims: unique, mistakes: [...mistakes.values()] };
}

/** Two documents with one identity are a mistake of their own, told already. */
function haveOneIdentity({ entry: a }: ReleaseClaim, { entry: b }: ReleaseClaim): boolean {
  return a.name === b.name && a.namespace === b.namespace;
}

function twin(first: ReleaseClaim, other: ReleaseClaim): Mistake {
  return {
    rule: 'duplicate-claim',
    severity: 'error',
    message: `MiniProgramReleases ${first.entry.name} and ${other.entry.name} both declare version ${other.key.version} for ${targetId(other.key)}; neither is applied there`,
    nextStep: 'Keep the target in one of them.',
    place: other.places[0],
    related: [first.places[0]],
  };
}

function joined(
  first: ReleaseClaim,
  others: readonly ReleaseClaim[],
  found: readonly Mistake[],
): ReleaseClaim {
  const [first_, ...rest] = first.places;
  const places: [Place, ...Place[]] = [first_, ...others.map((other) => other.places[0]), ...rest];
  const barrier = found[0] && barrierOf('Invalid', found[0]);
  if (first.barrier?.reason === 'NotGranted' || barrier === undefined) return { ...first, places };
  return { ...first, places, layers: [], barrier };
}
