import { List, Map as Table } from 'immutable';

import { epochMs } from '../../core/words/time.ts';
import type { DeepReadonly } from './answers.ts';
import { configOf, effectiveConfig } from './config.ts';
import type { RuleId } from './rules.ts';
import {
  emptyWorld,
  idOf,
  programKey,
  type App,
  type Client,
  type Program,
  type Release,
  type World,
  type Workspace,
} from './state.ts';
import { defaultSwitches, switchProblems, type Switches } from './switches.ts';
import type {
  AppEntry,
  ProgramEntry,
  ReleaseEntry,
  WorldFile,
  WorkspaceEntry,
} from './world-schema.ts';

/** The client of a world that names none. */
export const defaultClient = 'fairlead-ci';
const defaultPlatformId = 'emulator';

export interface CreateOptions {
  readonly platformId?: string;
  readonly file?: DeepReadonly<WorldFile>;
  /** Win over those of the file. */
  readonly switches?: Partial<Switches>;
  /** Test builds only: documented rules that do not hold. */
  readonly without?: readonly RuleId[];
}

/**
 * A world as a file describes it; ids, revisions and QR codes it does not give are made up, always the same.
 *
 * The file fits its schema; statuses need not be reachable.
 *
 * @throws RangeError for a switch there is not
 */
export function createWorld(options: CreateOptions = {}): World {
  const { file = {}, without = [] } = options;
  const switches = switchesOf({ ...file.switches, ...options.switches });
  const platformId = options.platformId ?? file.platformId ?? defaultPlatformId;
  const empty = emptyWorld(platformId, switches, new Set(without));
  const clients = (file.clients ?? [{ id: defaultClient }]).map(clientOf);
  const workspaces = file.workspaces ?? [];
  const world: World = {
    ...empty,
    apps: tableOf((file.apps ?? []).map(appOf), ({ id }) => id),
    clients: tableOf(clients, ({ id }) => id),
    workspaces: tableOf(
      workspaces.map((entry) => workspaceOf(entry, clients)),
      ({ id }) => id,
    ),
  };
  const filled = withReleases(withPrograms(world, workspaces), workspaces);
  return withApprovals({ ...filled, counter: Math.max(filled.counter, file.counter ?? 0) }, file);
}

function switchesOf(given: Readonly<Record<string, unknown>>): Switches {
  const problems = switchProblems(given);
  if (problems.length > 0) throw new RangeError(problems.join('; '));
  return { ...defaultSwitches, ...given };
}

function tableOf<T>(items: readonly T[], keyOf: (item: T) => string): Table<string, T> {
  return Table(items.map((item) => [keyOf(item), item]));
}

function appOf({ id, ...entry }: DeepReadonly<AppEntry>): App {
  return {
    id,
    name: entry.name ?? id,
    environments: entry.environments ?? ['Production'],
    pilotTesting: entry.pilotTesting ?? false,
    sandboxReview: entry.sandboxReview ?? false,
    environmentVariables: entry.environmentVariables ?? false,
  };
}

function clientOf(entry: {
  readonly id: string;
  readonly publicKey?: string;
  readonly keyVersion?: number;
}): Client {
  const { id, publicKey, keyVersion: version = 1 } = entry;
  return { id, keys: publicKey === undefined ? [] : [{ version, publicKey }] };
}

function workspaceOf(
  { id, admins }: DeepReadonly<WorkspaceEntry>,
  clients: readonly Client[],
): Workspace {
  return { id, admins: admins ?? clients.map((client) => client.id) };
}

function withPrograms(world: World, workspaces: readonly DeepReadonly<WorkspaceEntry>[]): World {
  const programs = workspaces.flatMap(({ id, miniPrograms = [] }) =>
    miniPrograms.map((entry) => programOf(id, entry)),
  );
  const keyed = programs.map((program) => {
    const key = programKey({ workspace: program.workspace, miniProgram: program.id });
    return [key, program] as const;
  });
  const counter = programs.reduce((most, { globalRevision }) => Math.max(most, globalRevision), 0);
  return {
    ...world,
    counter,
    programs: Table(keyed),
    programOrder: List(keyed.map(([key]) => key)),
  };
}

const newProgram = {
  ...{ type: 'DSL', domainsGranted: false, variablesFeature: true },
  ...{ admins: [], developers: [], versions: [], globalConfig: {}, globalRevision: 0 },
} as const satisfies Partial<Program>;

function programOf(workspace: string, entry: DeepReadonly<ProgramEntry>): Program {
  const { releases: _, ...given } = entry;
  return { ...newProgram, workspace, name: entry.id, ...given };
}

interface Placed {
  readonly program: Program;
  readonly entry: DeepReadonly<ReleaseEntry>;
}

function withReleases(world: World, workspaces: readonly DeepReadonly<WorkspaceEntry>[]): World {
  const placed = workspaces.flatMap(({ id: workspace, miniPrograms = [] }) =>
    miniPrograms.flatMap(({ id: miniProgram, releases = [] }) => {
      const program = world.programs.get(programKey({ workspace, miniProgram }));
      return program ? releases.map((entry): Placed => ({ program, entry })) : [];
    }),
  );
  // A dump says in which order records came to be; what it does not say keeps the order of the file.
  const ordered = placed.toSorted(
    (a, b) => (a.entry.seq ?? placed.length) - (b.entry.seq ?? placed.length),
  );
  return fillReleases(
    world,
    ordered.map((item, seq) => releaseOf(world, item, seq)),
  );
}

/** All at once: one by one would copy the tables a hundred thousand times. */
export function fillReleases(world: World, releases: Iterable<Release>): World {
  const list = List(releases);
  const positions = new Map<string, number[]>();
  let counter = world.counter;
  for (const release of list) {
    counter = Math.max(counter, release.changed);
    const key = programKey(release);
    const group = positions.get(key);
    if (group) group.push(release.seq);
    else positions.set(key, [release.seq]);
  }
  const groups = [...positions].map(([key, group]) => [key, List(group)] as const);
  return { ...world, counter, releases: list, byProgram: Table(groups) };
}

function releaseOf(world: World, { program, entry }: Placed, seq: number): Release {
  const { version, app, environment, status = 'NewVersionCreated', id, mark } = entry;
  const { revision = seq + 1, changed = revision, testQrCode: qr = 0 } = entry;
  return {
    ...{ workspace: program.workspace, miniProgram: program.id, version, app, environment },
    ...{ seq, status, revision, changed, qr, config: configOf(world, entry.config ?? {}) },
    ...(id !== undefined && id !== idOf({ seq }) && { givenId: id }),
    ...(mark !== undefined && { mark }),
    ...laterState(world, program, { ...entry, status }),
  };
}

/** What a record has beyond its configuration, by how far it has come. */
function laterState(
  world: World,
  program: Program,
  { status, config = {}, frozen, inherits, percentage = 0 }: DeepReadonly<ReleaseEntry>,
): Partial<Release> {
  const effective = () => effectiveConfig(world, program.globalConfig, configOf(world, config));
  return {
    ...(inherits && { inherits: configOf(world, inherits) }),
    ...(status !== 'NewVersionCreated' && {
      frozen: frozen ? configOf(world, frozen) : effective(),
    }),
    ...(status === 'GrayscaleRelease' && { percentage }),
  };
}

function withApprovals(world: World, { approvals = [] }: DeepReadonly<WorldFile>): World {
  const seqs = new Map(
    approvals.length > 0 ? world.releases.map((release) => [idOf(release), release.seq]) : [],
  );
  return {
    ...world,
    approvals: List(
      approvals.map(({ release, createdAt, completedAt, ...entry }, seq) => ({
        ...entry,
        seq,
        releaseSeq: seqs.get(release) ?? 0,
        createdAt: epochMs(createdAt),
        ...(completedAt !== undefined && { completedAt: epochMs(completedAt) }),
      })),
    ),
  };
}
