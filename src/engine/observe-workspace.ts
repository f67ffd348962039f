import type { DesiredProgram } from '../core/model/desired.ts';
import type {
  Capabilities,
  ObservedMiniProgram,
  ObservedProgram,
  ObservedRelease,
  PlatformInfo,
} from '../core/model/observed.ts';
import { programId, releaseId, type ProgramId, type ReleaseId } from '../core/words/keys.ts';
import type { Page, ReadPorts } from '../ports/index.ts';
import { readListing } from './listing.ts';
import { withOwnGlobal, withOwnReleases, type Memory, type Observation } from './memory.ts';
import { repeatRead } from './retry.ts';

export interface ObserveOptions {
  /**
   * sweep: every release of the programs, by lists. hot: only what is touched, singly where that is certainly safe,
   * else the programs' releases by a filtered list.
   */
  readonly mode: 'sweep' | 'hot';
  /** With `hot`: the releases of interest; absent, all that are desired. */
  readonly touched?: ReadonlySet<ReleaseId>;
  /** Read from a file that people keep. */
  readonly attested?: boolean;
  readonly memory: Memory;
}

/** docs/reference/semantics.md 5: the hot path reads at most so many keys singly. */
const singlyAtMost = 3;

export interface Reading {
  readonly ports: ReadPorts;
  readonly options: ObserveOptions;
  readonly info: PlatformInfo;
  readonly capabilities: Capabilities;
  readonly signal: AbortSignal;
}

/** A program of which nothing is known yet. */
export function unseen(
  program: DesiredProgram,
  reading: Reading,
  more: Pick<ObservedProgram, 'refused'>,
): ObservedProgram {
  return {
    key: program.key,
    existence: 'unknown',
    releases: {},
    complete: false,
    capabilities: reading.capabilities,
    bases: {},
    attested: reading.options.attested ?? false,
    observedAt: reading.ports.clock.wall(),
    ...more,
  };
}

interface WorkspaceRecords {
  readonly releases: ReadonlyMap<ProgramId, Readonly<Record<ReleaseId, ObservedRelease>>>;
  readonly miniPrograms: ReadonlyMap<ProgramId, ObservedMiniProgram>;
  readonly observation: Observation;
}

/** What the platform holds of the programs of one workspace. */
export async function observeWorkspace(
  workspace: string,
  members: readonly DesiredProgram[],
  reading: Reading,
): Promise<ReadonlyMap<ProgramId, ObservedProgram>> {
  const observation = reading.options.memory.observe();
  try {
    const singly = members.filter((member) => readsSingly(member, reading.options));
    const listed = members.filter((member) => !singly.includes(member));
    const singles = await Promise.all(
      singly.map(
        async (member) => [programId(member.key), await readKeys(member, reading)] as const,
      ),
    );
    const releases = new Map([...(await listReleases(workspace, listed, reading)), ...singles]);
    const miniPrograms = await listMiniPrograms(workspace, listed, reading);
    const records = { releases, miniPrograms, observation };
    const programs = await Promise.all(
      members.map(
        async (member) => [programId(member.key), await join(member, records, reading)] as const,
      ),
    );
    return new Map(programs);
  } finally {
    observation.close();
  }
}

/** The desired releases a hot pass is about. */
export function touchedOf(
  member: DesiredProgram,
  options: ObserveOptions,
): DesiredProgram['releases'] {
  return member.releases.filter(({ key }) => options.touched?.has(releaseId(key)) ?? true);
}

/**
 * Whether the program's touched keys are read one by one. Never where a global configuration is declared: whether it
 * and the releases wait for each other can be told from all releases only.
 */
export function readsSingly(member: DesiredProgram, options: ObserveOptions): boolean {
  return (
    options.mode === 'hot' &&
    member.global === undefined &&
    touchedOf(member, options).length <= singlyAtMost
  );
}

async function readKeys(
  member: DesiredProgram,
  { ports, options, signal }: Reading,
): Promise<Readonly<Record<ReleaseId, ObservedRelease>>> {
  const records = await Promise.all(
    touchedOf(member, options).map(({ key }) =>
      repeatRead(() => ports.reader.release(key, signal), ports, signal),
    ),
  );
  return indexReleases(records.filter((record) => record !== undefined));
}

/** A later page was read later, so a record met twice counts as it stood there. */
export function indexReleases(
  records: readonly ObservedRelease[],
): Readonly<Record<ReleaseId, ObservedRelease>> {
  return Object.fromEntries(records.map((record) => [releaseId(record.key), record]));
}

async function listReleases(
  workspace: string,
  members: readonly DesiredProgram[],
  reading: Reading,
): Promise<ReadonlyMap<ProgramId, Readonly<Record<ReleaseId, ObservedRelease>>>> {
  const { ports, signal } = reading;
  const declared = members.map(({ key }) => key.miniProgram);
  const items = await listCheapest<ObservedRelease>(
    {
      name: `releases/${workspace}`,
      members,
      // Foreign programs' records may be unreadable: they are nothing to us.
      list: (miniPrograms) =>
        ports.reader.releases(
          { workspace, ...(miniPrograms ? { miniPrograms } : { declared }) },
          signal,
        ),
    },
    reading,
  );
  const found = Map.groupBy(items, ({ key }) => programId(key));
  return new Map(
    members.map(({ key }) => [programId(key), indexReleases(found.get(programId(key)) ?? [])]),
  );
}

async function listMiniPrograms(
  workspace: string,
  members: readonly DesiredProgram[],
  reading: Reading,
): Promise<ReadonlyMap<ProgramId, ObservedMiniProgram>> {
  const { ports, signal } = reading;
  const items = await listCheapest<ObservedMiniProgram>(
    {
      name: `programs/${workspace}`,
      members: members.filter((member) => member.global !== undefined),
      list: (ids) => ports.reader.miniPrograms(workspace, ids, signal),
    },
    reading,
  );
  return new Map(items.map((item) => [programId(item.key), item]));
}

interface WantedList<T> {
  readonly name: string;
  readonly members: readonly DesiredProgram[];
  readonly list: (ids: readonly string[] | undefined) => AsyncIterable<Page<T>>;
}

async function listCheapest<T extends { readonly key: ObservedMiniProgram['key'] }>(
  wanted: WantedList<T>,
  { ports, options, capabilities, signal }: Reading,
): Promise<readonly T[]> {
  if (wanted.members.length === 0) return [];
  const listed = await repeatRead(
    () =>
      readListing<T>({
        wanted: new Map(wanted.members.map(({ key }) => [programId(key), key.miniProgram])),
        groupSize: capabilities.maxIdsPerFilter,
        pageSize: capabilities.maxPageSize,
        known: options.memory.sizes(wanted.name),
        programOf: (item) => programId(item.key),
        list: wanted.list,
      }),
    ports,
    signal,
  );
  options.memory.learn(wanted.name, listed.sizes);
  return listed.items;
}

async function join(
  member: DesiredProgram,
  records: WorkspaceRecords,
  reading: Reading,
): Promise<ObservedProgram> {
  const { ports, options, capabilities } = reading;
  const id = programId(member.key);
  const own = options.memory.newer(id, records.observation.sequence);
  const releases = withOwnReleases(records.releases.get(id) ?? {}, own);
  const miniProgram = records.miniPrograms.get(id);
  const now = ports.clock.wall();
  return {
    ...unseen(member, reading, {}),
    existence: existence(member, { releases, miniProgram }, options),
    ...(miniProgram
      ? { miniProgram: { ...miniProgram, global: withOwnGlobal(miniProgram.global, own) } }
      : {}),
    releases,
    complete: !readsSingly(member, options),
    bases: capabilities.marks ? {} : await ports.ledger.bases(member.key),
    contended: options.memory.contended(id, now),
    observedAt: now,
  };
}

interface Found {
  readonly releases: Readonly<Record<ReleaseId, ObservedRelease>>;
  readonly miniProgram: ObservedMiniProgram | undefined;
}

function existence(
  member: DesiredProgram,
  found: Found,
  options: ObserveOptions,
): ObservedProgram['existence'] {
  if (found.miniProgram !== undefined || Object.keys(found.releases).length > 0) return 'exists';
  const wasListed = member.global !== undefined && !readsSingly(member, options);
  return wasListed ? 'missing' : 'unknown';
}
