import { type Spread, type TownObject, townObjects } from './kubernetes-town.ts';

/** A namespace and what it declares; releases and targets are the same for all. */
export interface ScaleNamespace {
  readonly name: string;
  readonly programs: number;
}

/** Several namespaces over one platform. */
export interface ScaleSettings {
  /** How late the platform answers. */
  readonly delayMs: number;
  /** Of the connection. */
  readonly requestsPerSecond: number;
  readonly releases: number;
  readonly targets: number;
  readonly namespaces: readonly ScaleNamespace[];
}

/** All of them as one. */
export function spreadOf({ namespaces, releases, targets }: ScaleSettings): Spread {
  const programs = namespaces.reduce((sum, each) => sum + each.programs, 0);
  return { programs, releases, targets };
}

/** Programs are numbered through, one namespace after the other. */
export function objectsOf(settings: ScaleSettings, namespace: string): readonly TownObject[] {
  const { namespaces } = settings;
  const at = namespaces.findIndex(({ name }) => name === namespace);
  const first = namespaces.slice(0, at).reduce((sum, each) => sum + each.programs, 0);
  const last = first + (namespaces[at]?.programs ?? 0);
  return [...townObjects(spreadOf(settings), namespace)].filter(({ metadata }) => {
    const program = Number(metadata.name.split('-')[1]);
    return program >= first && program < last;
  });
}
