import type {
  ObservedGlobal,
  ObservedMiniProgram,
  ObservedRelease,
  ObservedTargetApp,
} from '../model/observed.ts';
import { planFormatVersion } from '../plan/identity.ts';
import type { ObservedConfig, ObservedValue } from '../words/fields.ts';
import { fields, pathsOf, variableName } from '../words/fields.ts';
import { compareText, programId, type ProgramKey } from '../words/keys.ts';
import type { EpochMs } from '../words/time.ts';
import { isoTime } from '../words/time.ts';
import { compareVersions } from '../words/versions.ts';
import { platformDocuments, type PlatformRead } from './plan-document.ts';

/** One program with a list of its own. */
export interface OfProgram<T> {
  readonly key: ProgramKey;
  readonly items: readonly T[];
}

/** What a platform holds, of one sort. */
export type Listing =
  | { readonly what: 'programs'; readonly programs: readonly ObservedMiniProgram[] }
  | { readonly what: 'versions'; readonly programs: readonly OfProgram<string>[] }
  | { readonly what: 'targets'; readonly programs: readonly OfProgram<ObservedTargetApp>[] }
  | { readonly what: 'releases'; readonly programs: readonly OfProgram<ObservedRelease>[] };

/** A listing with where and when it was read. */
export interface ListingSet {
  readonly listing: Listing;
  readonly platforms: readonly PlatformRead[];
  readonly observedAt: EpochMs;
}

const kinds = {
  programs: 'ProgramList',
  versions: 'VersionList',
  targets: 'TargetList',
  releases: 'ReleaseList',
} as const;

/** A configuration as it may be shown: a variable by its name alone, whatever it holds. */
export interface ConfigDocument {
  readonly clientId?: string;
  readonly merchantId?: string;
  readonly serverDomains?: readonly string[];
  readonly wapUrls?: readonly string[];
  readonly testers?: readonly string[];
  readonly environmentVariables?: readonly {
    readonly name: string;
    readonly state: 'set' | 'hidden';
  }[];
}

/** The JSON of `get`; order does not depend on the platform's. */
export function listingDocument({ listing, platforms, observedAt }: ListingSet) {
  return {
    formatVersion: planFormatVersion,
    kind: kinds[listing.what],
    observedAt: isoTime(observedAt),
    platforms: platformDocuments(platforms),
    items: itemsOf(listing),
  };
}

function itemsOf(listing: Listing): readonly object[] {
  switch (listing.what) {
    case 'programs':
      return byProgram(listing.programs).map(programDocument);
    case 'versions':
      return byProgram(listing.programs).flatMap(({ key, items }) =>
        items.toSorted(compareVersions).map((version) => ({ key: { ...key, version } })),
      );
    case 'targets':
      return byProgram(listing.programs).flatMap(({ key, items }) =>
        items
          .toSorted((a, b) => compareText(a.app, b.app))
          .map((app) => ({ key: { ...key, app: app.app }, ...targetDocument(app) })),
      );
    case 'releases':
      return byProgram(listing.programs).flatMap(({ items }) =>
        items.toSorted(compareReleases).map(releaseDocument),
      );
  }
}

/** Listings of one sort, of several platforms, as one. */
export function joinListings(what: Listing['what'], listings: readonly Listing[]): Listing {
  switch (what) {
    case 'programs':
      return {
        what,
        programs: listings.flatMap((each) => (each.what === what ? each.programs : [])),
      };
    case 'versions':
      return {
        what,
        programs: listings.flatMap((each) => (each.what === what ? each.programs : [])),
      };
    case 'targets':
      return {
        what,
        programs: listings.flatMap((each) => (each.what === what ? each.programs : [])),
      };
    case 'releases':
      return {
        what,
        programs: listings.flatMap((each) => (each.what === what ? each.programs : [])),
      };
  }
}

/** Programs in the order of their keys. */
export function byProgram<T extends { readonly key: ProgramKey }>(programs: readonly T[]): T[] {
  return programs.toSorted((a, b) => compareText(programId(a.key), programId(b.key)));
}

/** Releases as people read them: by version, then app, then environment. */
export function compareReleases({ key: a }: ObservedRelease, { key: b }: ObservedRelease): number {
  return (
    compareVersions(a.version, b.version) ||
    compareText(a.app, b.app) ||
    compareText(a.environment, b.environment)
  );
}

function programDocument({ key, name, type, domainsGranted, global }: ObservedMiniProgram) {
  return {
    key: { ...key },
    name: name ?? null,
    type: type ?? null,
    domainsGranted: domainsGranted ?? null,
    globalConfig: globalDocument(global),
    globalRevision: global.revision,
    marked: global.mark !== undefined,
  };
}

function targetDocument({ app: _, ...target }: ObservedTargetApp) {
  return {
    name: target.name ?? null,
    environments: [...target.environments],
    environmentVariables: target.environmentVariables ?? null,
    pilotTesting: target.pilotTesting ?? null,
    sandboxReview: target.sandboxReview ?? null,
  };
}

function releaseDocument(release: ObservedRelease) {
  return {
    key: { ...release.key },
    id: release.id,
    status: release.status,
    revision: release.revision,
    marked: release.mark !== undefined,
    config: configDocument(release.config),
    frozen: release.frozen ? configDocument(release.frozen) : null,
    testQrCode: release.testQrCode ?? null,
  };
}

function globalDocument({ config }: ObservedGlobal): ConfigDocument {
  return configDocument(config);
}

/** An observed configuration without the value of any variable. */
export function configDocument(config: ObservedConfig): ConfigDocument {
  const plain = fields.flatMap((field) => {
    const value = config[field];
    return value === undefined ? [] : [[field, publicValue(value)] as const];
  });
  const variables = pathsOf(config).flatMap((path) => {
    const name = variableName(path);
    if (name === undefined) return [];
    const state = config[path]?.kind === 'hidden' ? ('hidden' as const) : ('set' as const);
    return [{ name, state }];
  });
  return {
    ...Object.fromEntries(plain),
    ...(variables.length > 0 ? { environmentVariables: variables } : {}),
  };
}

/** A plain field's value; undefined where it cannot be seen. */
function publicValue(value: ObservedValue): string | readonly string[] | undefined {
  if (value.kind === 'text') return value.text;
  return value.kind === 'list' ? [...value.items] : undefined;
}
