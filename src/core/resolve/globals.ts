import type { Barrier, DesiredGlobal, ResolvedGlobal } from '../model/desired.ts';
import type { Place } from '../words/places.ts';
import type { Home } from './homes.ts';
import { mayDeclareGlobal } from './trust.ts';

/** The global configuration that each source declares for one program key, each source once. */
export function globalClaims(homes: readonly Home[]): DesiredGlobal[] {
  const bySource = new Map<string, Home[]>();
  for (const home of homes) bySource.set(home.source, [...(bySource.get(home.source) ?? []), home]);
  return [...bySource.values()].flatMap(globalOf);
}

function globalOf(homes: readonly Home[]): DesiredGlobal[] {
  const places = homes.flatMap(placeOf);
  const [first, ...others] = places;
  const home = homes.find((each) => placeOf(each).length > 0);
  if (first === undefined || home === undefined) return [];
  const barrier = notGranted(home) ?? home.barrier;
  const { entry, source, policy, suspended } = home;
  return [
    {
      config: barrier === undefined ? configOf(home) : {},
      unset: barrier === undefined ? unsetOf(home) : [],
      ...{ source, policy, claims: [first, ...others] },
      ...(suspended && { suspended }),
      ...(barrier && { barrier }),
      ...(entry.createdAt !== undefined && { createdAt: entry.createdAt }),
    },
  ];
}

function placeOf({ entry, shape }: Home): Place[] {
  return shape.globalPointer === undefined
    ? []
    : [{ document: entry.id, pointer: shape.globalPointer }];
}

function configOf({ global }: Home): ResolvedGlobal {
  return global?.fields ?? {};
}

function unsetOf({ global, entry, shape }: Home): DesiredGlobal['unset'] {
  const base = `${shape.globalPointer ?? ''}/unset`;
  return (global?.body.unset ?? []).map((field, index) => ({
    field,
    place: { document: entry.id, pointer: `${base}/${index}` },
  }));
}

function notGranted(home: Home): Barrier | undefined {
  if (mayDeclareGlobal(home.rights)) return undefined;
  const { miniProgram, workspace } = home.key;
  return {
    reason: 'NotGranted',
    message: `${home.source} is not granted the global configuration of ${miniProgram} of workspace ${workspace}, which reaches every environment`,
    nextStep: `Ask the administrator for a grant of all environments on PlatformConnection ${home.shape.connection}.`,
    places: placeOf(home),
  };
}
