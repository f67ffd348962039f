import type { DesiredProgram } from '../../core/model/desired.ts';
import type {
  ObservedMiniProgram,
  ObservedProgram,
  ObservedRelease,
  ObservedTargetApp,
  PlatformInfo,
} from '../../core/model/observed.ts';
import { writeSnapshot } from '../../core/snapshot/write.ts';
import { programId, releaseId, type ProgramId, type ProgramKey } from '../../core/words/keys.ts';
import { systemClock } from '../system.ts';
import {
  again,
  each,
  readPrograms,
  readReleases,
  wantedOf,
  type Reading,
  type Wanted,
} from './holdings.ts';
import type { OpenPlatform } from './platform.ts';

/**
 * The text of what one platform holds.
 *
 * @param declared  the declared programs of this connection; absent: everything the credential sees
 */
export async function snapshotOf(
  opened: OpenPlatform,
  declared: readonly DesiredProgram[] | undefined,
  reading: Reading,
): Promise<string> {
  const info = await again(async () => opened.platform.platform(reading.signal), reading);
  const wanted = declared ? declaredOf(declared) : await wantedOf(opened, {}, reading);
  const found = await readPrograms(opened, wanted, reading);
  const keys = declared?.map(({ key }) => key) ?? found.map(({ key }) => key);
  const programs = await observePrograms(opened, { info, keys, found, wanted }, reading);
  return writeSnapshot({
    platform: info.id,
    emulator: info.emulator,
    capabilities: info.capabilities,
    observedAt: systemClock.wall(),
    programs,
    declared: declared ?? [],
  });
}

function declaredOf(declared: readonly DesiredProgram[]): readonly Wanted[] {
  const groups = Map.groupBy(declared, ({ key }) => key.workspace);
  return [...groups].map(([workspace, members]) => ({
    workspace,
    ids: members.map(({ key }) => key.miniProgram),
  }));
}

interface Subject {
  readonly info: PlatformInfo;
  /** Programs that the snapshot speaks of, there or not. */
  readonly keys: readonly ProgramKey[];
  readonly found: readonly ObservedMiniProgram[];
  readonly wanted: readonly Wanted[];
}

interface Read {
  readonly info: PlatformInfo;
  readonly miniPrograms: ReadonlyMap<ProgramId, ObservedMiniProgram>;
  readonly releases: ReadonlyMap<ProgramId, readonly ObservedRelease[]>;
  readonly versions: ReadonlyMap<ProgramId, readonly string[]>;
  readonly targets: ReadonlyMap<ProgramId, readonly ObservedTargetApp[]>;
}

/** A later plan may create what today's declarations do not: versions and targets are read of every program. */
async function observePrograms(
  opened: OpenPlatform,
  { info, keys, found, wanted }: Subject,
  reading: Reading,
): Promise<readonly ObservedProgram[]> {
  const { platform } = opened;
  const { signal } = reading;
  const existing = found.map(({ key }) => key);
  const releases = await readReleases(opened, wanted, reading);
  const versions = await each(existing, reading, async (key) => platform.versions(key, signal));
  const targets = await each(existing, reading, async (key) => platform.targets(key, signal));
  const read: Read = {
    info,
    miniPrograms: new Map(found.map((program) => [programId(program.key), program])),
    releases: Map.groupBy(releases, ({ key }) => programId(key)),
    versions: new Map(versions.map(({ key, items }) => [programId(key), items])),
    targets: new Map(targets.map(({ key, items }) => [programId(key), items])),
  };
  return keys.map((key) => observedProgram(key, read));
}

function observedProgram(key: ProgramKey, read: Read): ObservedProgram {
  const id = programId(key);
  const miniProgram = read.miniPrograms.get(id);
  const [versions, targets] = [read.versions.get(id), read.targets.get(id)];
  const releases = read.releases.get(id) ?? [];
  return {
    key,
    existence: miniProgram ? 'exists' : 'missing',
    ...(miniProgram ? { miniProgram } : {}),
    ...(versions ? { versions } : {}),
    ...(targets ? { targets } : {}),
    releases: Object.fromEntries(releases.map((release) => [releaseId(release.key), release])),
    complete: true,
    capabilities: read.info.capabilities,
    bases: {},
    attested: false,
    observedAt: systemClock.wall(),
  };
}
