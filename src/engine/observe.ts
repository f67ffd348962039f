import pLimit from 'p-limit';
import type { DesiredProgram } from '../core/model/desired.ts';
import type {
  Capabilities,
  ObservedMiniProgram,
  ObservedProgram,
  ObservedRelease,
  PlatformInfo,
} from '../core/model/observed.ts';
import { ReconcileError } from '../core/words/errors.ts';
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

/** A failure that concerns one program or workspace and no other. */
export interface Observed {
  readonly programs: ReadonlyMap<ProgramId, ObservedProgram>;
  readonly failures: ReadonlyMap<ProgramId, ReconcileError>;
}

/** More workspaces than this are read one after the other; the rate budget of the connection decides the pace. */
const workspacesAtATime = 4;
/** docs/reference/semantics.md 5: the hot path reads at most so many keys singly. */
const singlyAtMost = 3;

interface Reading {
  readonly ports: ReadPorts;
  readonly options: ObserveOptions;
  readonly info: PlatformInfo;
  readonly capabilities: Capabilities;
  readonly signal: AbortSignal;
}

/**
 * What the platform holds of the desired programs, by the number of calls of docs/reference/semantics.md 5, "Cost".
 *
 * Refusals (a platform that reports another id, a workspace we may not read) are part of the observation: the plan
 * says `blocked` and why. An item that moves between two pages while a list is read may be missing in it; nothing is
 * re-read for that, since a create is refused by the platform where a record exists, which is then observed by key.
 *
 * @param desired  programs of one connection
 * @throws ReconcileError the first failure; see `observeEach` for the others' observations
 */
export async function observe(
  desired: readonly DesiredProgram[],
  ports: ReadPorts,
  options: ObserveOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<ProgramId, ObservedProgram>> {
  const { programs, failures } = await observeEach(desired, ports, options, signal);
  for (const failure of failures.values()) throw failure;
  return programs;
}

/** The same, with the failure of a workspace beside the observations of the others. */
export async function observeEach(
  desired: readonly DesiredProgram[],
  ports: ReadPorts,
  options: ObserveOptions,
  signal: AbortSignal,
): Promise<Observed> {
  const info = await repeatRead(() => ports.reader.platform(signal), ports, signal);
  const capabilities = capabilitiesOf(info, options.memory);
  const reading: Reading = { ports, options, info, capabilities, signal };
  const programs = new Map<ProgramId, ObservedProgram>();
  const failures = new Map<ProgramId, ReconcileError>();

  const { right, foreign } = partition(desired, info);
  for (const program of foreign) programs.set(programId(program.key), mismatch(program, reading));

  const limit = pLimit(workspacesAtATime);
  await Promise.all(
    [...byWorkspace(right)].map(([workspace, members]) =>
      limit(async () => {
        const read = await guarded(workspace, members, reading);
        for (const [id, program] of read.programs) programs.set(id, program);
        for (const [id, failure] of read.failures) failures.set(id, failure);
      }),
    ),
  );
  return { programs, failures };
}

/** What the platform can do, as it says and as it has shown. */
export function capabilitiesOf(info: PlatformInfo, memory: Memory): Capabilities {
  return memory.storesMarks ? info.capabilities : { ...info.capabilities, marks: false };
}

function partition(desired: readonly DesiredProgram[], info: PlatformInfo) {
  const groups = Object.groupBy(desired, ({ key }) =>
    key.platform === info.id ? 'right' : 'foreign',
  );
  return { right: groups.right ?? [], foreign: groups.foreign ?? [] };
}

function byWorkspace(
  desired: readonly DesiredProgram[],
): ReadonlyMap<string, readonly DesiredProgram[]> {
  return Map.groupBy(desired, ({ key }) => key.workspace);
}

/** One workspace; what the platform refuses there becomes part of the observation, a failure stays within it. */
async function guarded(
  workspace: string,
  members: readonly DesiredProgram[],
  reading: Reading,
): Promise<Observed> {
  try {
    return { programs: await observeWorkspace(workspace, members, reading), failures: new Map() };
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    // One record that cannot be understood spoils a whole list: apart, it spoils its own program only.
    if (error.code === 'ResponseUntrusted' && members.length > 1)
      return apart(workspace, members, reading);
    return { programs: refusals(error, members, reading), failures: failuresOf(error, members) };
  }
}

async function apart(
  workspace: string,
  members: readonly DesiredProgram[],
  reading: Reading,
): Promise<Observed> {
  const limit = pLimit(workspacesAtATime);
  const read = await Promise.all(
    members.map((member) => limit(() => guarded(workspace, [member], reading))),
  );
  return {
    programs: new Map(read.flatMap(({ programs }) => [...programs])),
    failures: new Map(read.flatMap(({ failures }) => [...failures])),
  };
}

function failuresOf(
  error: ReconcileError,
  members: readonly DesiredProgram[],
): Observed['failures'] {
  const isPart = error.code === 'AccessDenied' || error.code === 'PlatformRefused';
  return new Map(isPart ? [] : members.map(({ key }) => [programId(key), error]));
}

function refusals(
  error: ReconcileError,
  members: readonly DesiredProgram[],
  reading: Reading,
): Observed['programs'] {
  const { code } = error;
  if (code !== 'AccessDenied' && code !== 'PlatformRefused') return new Map();
  return new Map(
    members.map((member) => {
      const { workspace } = member.key;
      const advice = `give this client the right to read workspace ${workspace}, or remove the declaration`;
      const refused = { reason: code, message: error.message, nextStep: error.nextStep ?? advice };
      return [programId(member.key), empty(member, reading, { refused })];
    }),
  );
}

function mismatch(program: DesiredProgram, reading: Reading): ObservedProgram {
  return empty(program, reading, {
    refused: {
      reason: 'PlatformMismatch',
      message: `the connection is for platform ${program.key.platform}, and ${reading.info.id} answered`,
      nextStep: 'correct platformId or endpoint of the connection',
    },
  });
}

function empty(
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

async function observeWorkspace(
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
    ...empty(member, reading, {}),
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
