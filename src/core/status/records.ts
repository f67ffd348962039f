import type { DesiredProgram, DesiredRelease } from '../model/desired.ts';
import type { Fingerprints, ObservedProgram, ObservedRelease } from '../model/observed.ts';
import type { Shown } from '../model/plan.ts';
import { createSight, type Sight } from '../plan/sight.ts';
import { digestOf } from '../words/digests.ts';
import { isField, pathsOf, type FieldPath, type ObservedConfig } from '../words/fields.ts';
import { programId, releaseId } from '../words/keys.ts';
import type { RecordFacts } from './report.ts';

/** What a pass read, as reports take it. */
export interface Read {
  readonly desired: DesiredProgram;
  readonly observed: ObservedProgram;
  readonly fingerprints: Fingerprints;
}

/**
 * What was read of the records that are declared: by release id, and by program id of the global configuration.
 *
 * The digest is of what a running program gets: what the release gives, else what it inherits; once applied for, what was
 * frozen. Absent where a part of it is not known.
 */
export function recordFacts({
  desired,
  observed,
  fingerprints,
}: Read): Readonly<Record<string, RecordFacts>> {
  const sight = createSight(fingerprints);
  const global = observed.miniProgram?.global.config;
  const found: Record<string, RecordFacts> = {};
  for (const release of desired.releases) {
    const id = releaseId(release.key);
    const record = observed.releases[id];
    if (record) found[id] = factsOf(record, { release, sight, global });
  }
  if (global) found[programId(desired.key)] = digestPart(shownIn(global, sight, undefined));
  return found;
}

interface Beside {
  readonly release: DesiredRelease;
  readonly sight: Sight;
  readonly global: ObservedConfig | undefined;
}

function factsOf(record: ObservedRelease, beside: Beside): RecordFacts {
  const { id, status, testQrCode } = record;
  return {
    ...{ id, status },
    ...(testQrCode === undefined ? {} : { testQrCode }),
    ...digestPart(effective(record, beside)),
  };
}

type Values = Readonly<Partial<Record<FieldPath, Shown>>>;

/** Undefined where it is not known. */
function effective(
  { status, config, frozen }: ObservedRelease,
  { release, sight, global }: Beside,
): Values | undefined {
  if (status !== 'NewVersionCreated') return frozen && shownIn(frozen, sight, release);
  return global && { ...shownIn(global, sight, undefined), ...shownIn(config, sight, release) };
}

function shownIn(
  config: ObservedConfig,
  sight: Sight,
  release: DesiredRelease | undefined,
): Values {
  const shown: Partial<Record<FieldPath, Shown>> = {};
  for (const path of pathsOf(config)) {
    if (release === undefined && !isField(path)) continue;
    const declared = release?.config[path];
    const wish = release && declared && { path, value: declared.value, source: release.source };
    shown[path] = sight.showObserved(path, config[path], wish);
  }
  return shown;
}

const unset: Shown = { state: 'unset' };

function digestPart(values: Values | undefined): Pick<RecordFacts, 'effectiveDigest'> {
  const isKnown =
    values !== undefined &&
    Object.values(values).every(({ state } = unset) => state === 'value' || state === 'secret');
  return isKnown ? { effectiveDigest: digestOf(values) } : {};
}
