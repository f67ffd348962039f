import type { Barrier } from '../model/desired.ts';
import { nearest } from '../validate/names.ts';
import type { Place } from '../words/places.ts';
import type { Entry, SourceIndex } from './index-source.ts';
import { barrierOf, type Mistake } from './mistakes.ts';
import type { ProfileUse } from './stacks.ts';

/** A mistake, and what it forbids. */
export interface Broken {
  readonly mistake: Mistake;
  readonly barrier: Barrier;
}

/** What is wrong with a reference to a profile, if anything is. */
export function brokenProfile(
  index: SourceIndex,
  namespace: string,
  use: ProfileUse,
): Broken | undefined {
  const profile = index.find('ConfigProfile', namespace, use.name);
  if (profile?.document !== undefined) return undefined;
  if (profile === undefined) {
    const mistake = notFound(
      { kind: 'ConfigProfile', name: use.name, namespace },
      use.place,
      index.names('ConfigProfile', namespace),
    );
    return { mistake, barrier: barrierOf('ReferenceNotFound', mistake) };
  }
  const mistake = refersToInvalid(profile, use.place);
  return { mistake, barrier: barrierOf('Invalid', mistake) };
}

/** What a reference names. `namespace` is empty where documents are those of files that name none. */
interface Missing {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** A reference to an object that is not there. */
export function notFound(
  { kind, name, namespace }: Missing,
  place: Place,
  names: readonly string[],
): Mistake {
  const meant = nearest(name, names);
  return {
    rule: 'reference-not-found',
    severity: 'error',
    message: `There is no ${kind} ${name} in ${namespace === '' ? 'this source' : `namespace ${namespace}`}`,
    nextStep:
      meant === undefined
        ? `Declare ${kind} ${name}, or correct the name.`
        : `Did you mean ${meant}?`,
    place,
  };
}

/** A reference to a document that cannot be used. */
export function refersToInvalid(entry: Entry, place: Place): Mistake {
  return {
    rule: 'reference-invalid',
    severity: 'error',
    message: `${entry.kind} ${entry.name} is invalid, so nothing that refers to it is applied`,
    nextStep: `Correct ${entry.kind} ${entry.name}.`,
    place,
    related: [{ document: entry.id, pointer: '' }],
  };
}
