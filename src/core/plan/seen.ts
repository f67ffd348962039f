import type { DesiredProgram } from '../model/desired.ts';
import type { Seen, SeenRecord } from '../model/history.ts';
import type {
  Fingerprints,
  ObservedMiniProgram,
  ObservedProgram,
  ObservedRelease,
} from '../model/observed.ts';
import type { Shown } from '../model/plan.ts';
import { hexDigest } from '../words/digests.ts';
import {
  isVariable,
  listOf,
  pathsOf,
  type FieldPath,
  type ObservedConfig,
  type ObservedValue,
} from '../words/fields.ts';
import { releaseId, type ReleaseId, type ReleaseKey } from '../words/keys.ts';
import type { Wish } from './keyring.ts';
import { createSight } from './sight.ts';

/** What tells which observed values are public, and makes fingerprints of the others. */
export interface SeenWith {
  readonly desired: DesiredProgram;
  readonly fingerprints: Fingerprints;
}

/** What an observation is known to have brought; absent: everything it holds. */
export interface SeenPart {
  readonly releases: readonly ReleaseId[];
  readonly global: boolean;
}

/**
 * What an observation of one program showed, for `Ledger.seen`.
 *
 * @param part  the records that are other ones than before, if the observation was compared with an earlier one: all
 *   others count as seen unchanged
 */
export function seenProgram(
  planned: SeenWith & { readonly observed: ObservedProgram },
  part?: SeenPart,
): Seen {
  const { desired, observed } = planned;
  const ids = part?.releases ?? (Object.keys(observed.releases) as ReleaseId[]);
  const show = releaseSight(planned);
  const isGlobalSeen = part === undefined || part.global;
  return {
    at: observed.observedAt,
    program: desired.key,
    records: [
      ...(isGlobalSeen && observed.miniProgram ? [seenGlobal(observed.miniProgram)] : []),
      ...ids.flatMap((id) => observed.releases[id] ?? []).map((release) => recordOf(release, show)),
    ],
    own: false,
    whole: observed.complete,
    rest: part === undefined ? 'unseen' : 'unchanged',
    names: desired.names,
  };
}

/** A release record as a ledger may keep it. Of many records of one program, `seenProgram` costs less. */
export function seenRelease(release: ObservedRelease, planned: SeenWith): SeenRecord {
  return recordOf(release, releaseSight(planned));
}

/** A program's global configuration as a ledger may keep it: it holds nothing secret. */
export function seenGlobal({
  key,
  global,
}: Pick<ObservedMiniProgram, 'key' | 'global'>): SeenRecord {
  const fields: Partial<Record<FieldPath, Shown>> = {};
  for (const path of pathsOf(global.config)) {
    const value = (global.config as ObservedConfig)[path];
    if (value?.kind === 'text') fields[path] = { state: 'value', value: value.text };
    else if (value?.kind === 'list')
      fields[path] = { state: 'value', value: listOf(value.items).items };
    else fields[path] = { state: 'unknown' };
  }
  return { key, status: null, fields, ...markOf(global.mark) };
}

interface ReleaseSight {
  /** A variable's value counts as secret unless it equals the declared literal. */
  readonly show: (key: ReleaseKey) => (path: FieldPath, value: ObservedValue) => Shown;
  /** The same as if nothing were declared. */
  readonly conceal: (path: FieldPath, value: ObservedValue) => Shown;
  readonly keyId: string | undefined;
}

function releaseSight({ desired, fingerprints }: SeenWith): ReleaseSight {
  const sight = createSight(fingerprints);
  const declared = new Map(desired.releases.map((one) => [releaseId(one.key), one]));
  return {
    show(key) {
      const release = declared.get(releaseId(key));
      return (path, value) => {
        const field = release?.config[path];
        const wish: Wish | undefined = release &&
          field && { path, value: field.value, source: release.source };
        return sight.showObserved(path, value, wish);
      };
    },
    conceal: (path, value) => sight.showObserved(path, value, undefined),
    keyId: sight.keyId,
  };
}

function recordOf(release: ObservedRelease, { show, conceal, keyId }: ReleaseSight): SeenRecord {
  const { key, status, config, mark } = release;
  const showHere = show(key);
  const fields: Partial<Record<FieldPath, Shown>> = {};
  const prints: Partial<Record<FieldPath, string>> = {};
  for (const path of pathsOf(config)) {
    const value = config[path];
    if (!value) continue;
    const shown = showHere(path, value);
    fields[path] = shown;
    if (!isVariable(path) || shown.state !== 'value') continue;
    const concealed = conceal(path, value);
    if (concealed.state === 'secret') prints[path] = concealed.fingerprint;
  }
  return {
    ...{ key, status, fields },
    ...(Object.keys(prints).length > 0 ? { prints } : {}),
    ...(keyId === undefined ? {} : { keyId }),
    ...markOf(mark),
  };
}

const markDigits = 12;

function markOf(mark: string | undefined): Pick<SeenRecord, 'mark'> {
  return mark === undefined ? {} : { mark: hexDigest(mark, markDigits) };
}
