import { List, Map as Table } from 'immutable';

import type { Environment } from '../../core/words/environments.ts';
import type { Status } from '../../core/words/statuses.ts';
import type { EpochMs } from '../../core/words/time.ts';
import type { Operation } from '../../protocol/operations.ts';
import type { Answer } from './answers.ts';
import type { RuleId } from './rules.ts';
import type { Switches } from './switches.ts';

/** A configuration as the platform stores it; an absent field is inherited, or not set at the global level. */
export interface Config {
  readonly clientId?: string;
  readonly merchantId?: string;
  readonly serverDomains?: readonly string[];
  readonly wapUrls?: readonly string[];
  readonly testers?: readonly string[];
  /** In code-unit order of names; never in a global configuration. */
  readonly environmentVariables?: readonly Variable[];
}

export interface Variable {
  readonly name: string;
  readonly value: string;
}

export interface App {
  readonly id: string;
  readonly name: string;
  readonly environments: readonly Environment[];
  readonly pilotTesting: boolean;
  /** Whether a release to its Sandbox needs the super app's approval. */
  readonly sandboxReview: boolean;
  /** Whether the super app has enabled environment variables. */
  readonly environmentVariables: boolean;
}

export interface ClientKey {
  readonly version: number;
  /** SPKI, PEM. */
  readonly publicKey: string;
}

export interface Client {
  readonly id: string;
  /** Newest last; none: it can call in process only. */
  readonly keys: readonly ClientKey[];
}

export interface Workspace {
  readonly id: string;
  /** Clients with the right of a workspace admin. */
  readonly admins: readonly string[];
}

export interface Program {
  readonly workspace: string;
  readonly id: string;
  readonly name: string;
  readonly type: 'DSL' | 'H5+';
  readonly domainsGranted: boolean;
  /** Whether it has the feature that unlocks reading environment variables. */
  readonly variablesFeature: boolean;
  readonly admins: readonly string[];
  readonly developers: readonly string[];
  /** In the order of uploading. */
  readonly versions: readonly string[];
  readonly globalConfig: Config;
  readonly globalRevision: number;
  readonly globalMark?: string;
}

export interface ReleaseKeyParts {
  readonly workspace: string;
  readonly miniProgram: string;
  readonly version: string;
  readonly app: string;
  readonly environment: Environment;
}

export interface Release extends ReleaseKeyParts {
  /** Position in the order of creation, from 0; records are never deleted. */
  readonly seq: number;
  readonly status: Status;
  /** Where it is not the one that follows from `seq`. */
  readonly givenId?: string;
  /** Moves with configuration and status. */
  readonly revision: number;
  /** Moves with everything a list shows, marks and QR codes included. */
  readonly changed: number;
  readonly mark?: string;
  readonly config: Config;
  /** The global configuration it follows, where that is fixed at creation (`globalFreezePoint: create`). */
  readonly inherits?: Config;
  /** Effective configuration at applying. */
  readonly frozen?: Config | undefined;
  /** Number of the test QR code, which differs whenever the code does; or a code that a world file gave. */
  readonly qr?: number | string;
  /** Of users, while in grayscale release. */
  readonly percentage?: number | undefined;
}

export interface Approval {
  readonly seq: number;
  readonly id: string;
  readonly category: 'Release' | 'Removal';
  readonly releaseSeq: number;
  readonly status: 'InReview' | 'Approved' | 'Rejected' | 'Withdrawn';
  readonly submittedBy: string;
  readonly createdAt: EpochMs;
  readonly completedAt?: EpochMs;
  readonly reason?: string;
}

/** An answer kept for repeats of the same request id. */
export interface Remembered {
  readonly at: EpochMs;
  /** Digest of operation and body. */
  readonly digest: string;
  readonly answer: Answer<Operation>;
}

/** Which stored record a step has changed; a disk shell writes exactly these. */
export type Touched =
  | {
      readonly table: 'apps' | 'clients' | 'workspaces' | 'programs' | 'requests';
      readonly key: string;
    }
  | { readonly table: 'releases' | 'approvals'; readonly seq: number };

/** The whole platform. Never changed in place; steps share what they do not touch. */
export interface World {
  readonly platformId: string;
  readonly switches: Switches;
  /** Rules that a test build has switched off. */
  readonly without: ReadonlySet<RuleId>;
  /** Source of revisions, change numbers and QR codes; only grows. */
  readonly counter: number;
  readonly apps: Table<string, App>;
  readonly clients: Table<string, Client>;
  readonly workspaces: Table<string, Workspace>;
  /** By `programKey`, in the order of creation. */
  readonly programs: Table<string, Program>;
  readonly programOrder: List<string>;
  /** In the order of creation: position is `seq`. */
  readonly releases: List<Release>;
  /** Positions of a program's records, by `programKey`. */
  readonly byProgram: Table<string, List<number>>;
  readonly approvals: List<Approval>;
  /** By client and request id. */
  readonly requests: Table<string, Remembered>;
  /** Size of `requests` at which old answers are dropped next. */
  readonly requestsPurgeAt: number;
  /** What the last step changed. */
  readonly touched: readonly Touched[];
}

export function programKey({
  workspace,
  miniProgram,
}: Pick<ReleaseKeyParts, 'workspace' | 'miniProgram'>): string {
  return `${workspace}/${miniProgram}`;
}

export function emptyWorld(
  platformId: string,
  switches: Switches,
  without: ReadonlySet<RuleId>,
): World {
  return {
    platformId,
    switches,
    without,
    counter: 0,
    apps: Table(),
    clients: Table(),
    workspaces: Table(),
    programs: Table(),
    programOrder: List(),
    releases: List(),
    byProgram: Table(),
    approvals: List(),
    requests: Table(),
    requestsPurgeAt: 1024,
    touched: [],
  };
}

/** Whether a documented rule holds in this world. */
export function holds(world: World, rule: RuleId): boolean {
  return !world.without.has(rule);
}

export function findProgram(
  world: World,
  key: Pick<ReleaseKeyParts, 'workspace' | 'miniProgram'>,
): Program | undefined {
  const own = world.programs.get(programKey(key));
  if (own || holds(world, 'workspace-of-creation')) return own;
  return world.programs.find(({ id }) => id === key.miniProgram);
}

/** The newest record of a key. A program has few enough records to look through. */
export function findRelease(world: World, key: ReleaseKeyParts): Release | undefined {
  const { version, app, environment } = key;
  const positions = world.byProgram.get(programKey(key), List<number>());
  const seq = positions.findLast((position) => {
    const found = world.releases.get(position);
    return found?.app === app && found.environment === environment && found.version === version;
  });
  return seq === undefined ? undefined : world.releases.get(seq);
}

/** The record's id at the platform. */
export function idOf({ seq, givenId }: Pick<Release, 'seq' | 'givenId'>): string {
  return givenId ?? `rel-${String(seq + 1).padStart(6, '0')}`;
}

/** All records of a program, in the order of creation. */
export function releasesOf(world: World, program: Program): readonly Release[] {
  const key = programKey({ workspace: program.workspace, miniProgram: program.id });
  const positions = world.byProgram.get(key, List<number>());
  return positions.toArray().flatMap((seq) => world.releases.get(seq) ?? []);
}

export function putApp(world: World, app: App): World {
  const touched = { table: 'apps', key: app.id } as const;
  return { ...world, apps: world.apps.set(app.id, app), touched: [...world.touched, touched] };
}

export function putClient(world: World, client: Client): World {
  const touched = { table: 'clients', key: client.id } as const;
  return {
    ...world,
    clients: world.clients.set(client.id, client),
    touched: [...world.touched, touched],
  };
}

export function putWorkspace(world: World, workspace: Workspace): World {
  const touched = { table: 'workspaces', key: workspace.id } as const;
  const workspaces = world.workspaces.set(workspace.id, workspace);
  return { ...world, workspaces, touched: [...world.touched, touched] };
}

export function putProgram(world: World, program: Program): World {
  const key = programKey({ workspace: program.workspace, miniProgram: program.id });
  const programOrder = world.programs.has(key) ? world.programOrder : world.programOrder.push(key);
  return {
    ...world,
    programs: world.programs.set(key, program),
    programOrder,
    touched: [...world.touched, { table: 'programs', key }],
  };
}

/** Stores a record at its `seq`; the next free one makes a new record. */
export function putRelease(world: World, release: Release): World {
  const indexed = world.releases.has(release.seq) ? world : addToProgram(world, release);
  return {
    ...indexed,
    releases: world.releases.set(release.seq, release),
    touched: [...world.touched, { table: 'releases', seq: release.seq }],
  };
}

function addToProgram(world: World, release: Release): World {
  const program = programKey(release);
  const positions = world.byProgram.get(program, List<number>());
  return { ...world, byProgram: world.byProgram.set(program, positions.push(release.seq)) };
}

export function putApproval(world: World, approval: Approval): World {
  return {
    ...world,
    approvals: world.approvals.set(approval.seq, approval),
    touched: [...world.touched, { table: 'approvals', seq: approval.seq }],
  };
}

/** The next value of the world's counter. */
export function count(world: World): { readonly world: World; readonly value: number } {
  const value = world.counter + 1;
  return { world: { ...world, counter: value }, value };
}
