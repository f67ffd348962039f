import { execFileSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';

/*
 * Judges a day by what was sent to the platform, by the platform's own log and state, and by the repositories; with a
 * reader of its own. It knows nothing of how Fairlead works: a test keeps every import of src away.
 */

/** A call as it passed on the wire. */
export interface WireCall {
  /** When it arrived; milliseconds since 1970. */
  readonly at: number;
  /** When its answer had gone back, or its connection ended; absent while neither did. */
  endedAt?: number;
  /** The last part of the route: `releases/patch`. */
  readonly route: string;
  readonly body: WireBody;
}

interface WireBody {
  readonly workspace?: string;
  readonly miniProgram?: string;
  readonly version?: string;
  readonly app?: string;
  readonly environment?: string;
  readonly requestId?: string;
  readonly config?: Config;
  readonly patch?: Readonly<Record<string, unknown>>;
}

/** What the platform logged. */
export interface LoggedCall {
  readonly at: number;
  readonly operation: string;
  readonly key: string;
  readonly resultStatus: string;
}

export interface Kill {
  /** When the process was started, and when it was killed. */
  readonly startedAt: number;
  readonly at: number;
}

export interface Evidence {
  readonly wire: readonly WireCall[];
  readonly log: readonly LoggedCall[];
  /** The platform's state, as YAML. */
  readonly world: string;
  /** Work trees; every commit that was ever pushed is kept as `refs/day/NUMBER-TIME`, in the order of pushing. */
  readonly repositories: readonly string[];
  readonly kills: readonly Kill[];
  /** From then on nothing may be written. */
  readonly restedAt: number;
}

export interface Verdict {
  readonly wrong: readonly string[];
  readonly counts: {
    readonly commits: number;
    readonly kills: number;
    readonly killsInsideAPass: number;
    readonly writes: number;
    readonly records: number;
    readonly readsAfterRest: number;
  };
}

type Config = Readonly<Record<string, unknown>>;
type Declared = ReadonlyMap<string, Config>;

interface Commit {
  /** Right before it was pushed. */
  readonly at: number;
  readonly declared: Declared;
}

const fields = ['merchantId', 'clientId'] as const;

export function judge(evidence: Evidence): Verdict {
  const histories = evidence.repositories.map(readHistory);
  const records = readRecords(evidence.world);
  const writes = evidence.wire.filter(({ route }) => isWrite(route));
  const inside = evidence.kills.filter((kill) => isInside(kill, evidence.wire, histories));
  return {
    wrong: [
      ...histories.flatMap((history) => unequal(history, records)),
      ...strangers(records, histories),
      ...doubled(writes),
      ...unexplained(writes, histories),
      ...writes
        .filter(({ at }) => at > evidence.restedAt)
        .map((write) => `written after everything rested: ${keyOf(write.body)}`),
    ],
    counts: {
      commits: histories.reduce((sum, history) => sum + history.length, 0),
      kills: evidence.kills.length,
      killsInsideAPass: inside.length,
      writes: writes.length,
      records: records.length,
      readsAfterRest: evidence.log.filter(
        ({ at, operation }) => operation === 'listReleases' && at > evidence.restedAt,
      ).length,
    },
  };
}

/** The platform equals the last good declaration. */
function unequal(history: readonly Commit[], records: readonly PlatformRecord[]): string[] {
  const last = history.at(-1)?.declared ?? new Map<string, Config>();
  return [...last].flatMap(([key, wanted]) => {
    const found = records.filter((record) => record.key === key);
    if (found.length !== 1) return [`${String(found.length)} records of ${key}`];
    const config = found[0]?.config ?? {};
    return fields
      .filter((field) => (config[field] ?? null) !== (wanted[field] ?? null))
      .map((field) => `${key} ${field} is ${say(config[field])}, not ${say(wanted[field])}`);
  });
}

/** Records nobody ever declared, and more than one of a key. */
function strangers(
  records: readonly PlatformRecord[],
  histories: readonly (readonly Commit[])[],
): string[] {
  const known = new Set(histories.flat().flatMap(({ declared }) => [...declared.keys()]));
  const groups = Map.groupBy(records, ({ key }) => key);
  return [...groups].flatMap(([key, all]) => [
    ...(known.has(key) ? [] : [`${key} was never declared`]),
    ...(all.length === 1 ? [] : [`${key} exists ${String(all.length)} times`]),
  ]);
}

/**
 * Creates of one key and content under different request ids: the second could be a second record. A create whose answer
 * never came and a later commit with other values are two intentions, and the platform makes one record of them.
 */
function doubled(writes: readonly WireCall[]): string[] {
  const creates = writes.filter(({ route }) => route.endsWith('/create'));
  const intentions = Map.groupBy(creates, ({ body }) =>
    JSON.stringify([keyOf(body), Object.entries(body.config ?? {}).sort()]),
  );
  return [...intentions.values()].flatMap((calls) => {
    const ids = new Set(calls.map(({ body }) => body.requestId));
    const [key] = calls.map(({ body }) => keyOf(body));
    return ids.size === 1
      ? []
      : [`${String(key)} was created under ${String(ids.size)} request ids`];
  });
}

/**
 * Each value that was sent stood in a commit made before; and no key goes back: what a write carries stood in the commit
 * of the write before it, or in a later one.
 */
function unexplained(
  writes: readonly WireCall[],
  histories: readonly (readonly Commit[])[],
): string[] {
  const reached = new Map<string, number>();
  return writes
    .toSorted((a, b) => a.at - b.at)
    .flatMap(({ at, body, route }) => {
      const key = keyOf(body);
      const history = histories.find((one) => one.some(({ declared }) => declared.has(key))) ?? [];
      return Object.entries(body.config ?? body.patch ?? {}).flatMap(([field, value]) => {
        const place = `${key} ${field}`;
        const from = reached.get(place) ?? 0;
        const found = history.findIndex(
          (commit, index) =>
            index >= from && commit.at <= at && explains(commit, { key, field, value }),
        );
        if (found >= 0) reached.set(place, found);
        return found >= 0 ? [] : [`${route} of ${place} = ${say(value)} is explained by no commit`];
      });
    });
}

interface Sent {
  readonly key: string;
  readonly field: string;
  readonly value: unknown;
}

function explains({ declared }: Commit, { key, field, value }: Sent): boolean {
  const config = declared.get(key);
  return config !== undefined && (config[field] ?? null) === value;
}

/**
 * Whether a kill fell between the first and the last call of a pass: a write was under way; or a record had been read
 * whose write came only after the kill, and carried what stood in a commit before that reading.
 */
function isInside(
  { startedAt, at }: Kill,
  wire: readonly WireCall[],
  histories: readonly (readonly Commit[])[],
): boolean {
  const own = wire.filter((call) => call.at >= startedAt && call.at <= at);
  const isUnderWay = own.some(
    ({ route, endedAt }) => isWrite(route) && (endedAt === undefined || endedAt > at),
  );
  if (isUnderWay) return true;
  return own.some((read) => {
    if (isWrite(read.route)) return false;
    const isSingle = read.route.endsWith('get');
    if (!isSingle && !read.route.endsWith('releases/list')) return false;
    return wire.some((write) => {
      if (!isWrite(write.route) || write.at <= at) return false;
      const key = keyOf(write.body);
      if (isSingle && keyOf(read.body) !== key) return false;
      const isFirst = !wire.some(
        (other) =>
          isWrite(other.route) &&
          keyOf(other.body) === key &&
          other.at > read.at &&
          other.at < write.at,
      );
      // What a list was read for is known only of what stood in Git before the process began.
      return isFirst && wasWanted(write, isSingle ? read.at : startedAt, histories);
    });
  });
}

function wasWanted(
  { body }: WireCall,
  before: number,
  histories: readonly (readonly Commit[])[],
): boolean {
  const key = keyOf(body);
  return Object.entries(body.config ?? body.patch ?? {}).some(([field, value]) =>
    histories
      .flat()
      .some((commit) => commit.at <= before && explains(commit, { key, field, value })),
  );
}

function isWrite(route: string): boolean {
  return /\/(create|patch)$/.test(route);
}

function keyOf({ workspace, miniProgram, version, app, environment }: WireBody): string {
  return [workspace, miniProgram, version, app, environment].join('/');
}

function say(value: unknown): string {
  return JSON.stringify(value ?? null);
}

interface PlatformRecord {
  readonly key: string;
  readonly config: Config;
}

function readRecords(text: string): readonly PlatformRecord[] {
  const [document] = parseAllDocuments(text);
  const { workspaces } = document?.toJS() as {
    readonly workspaces: readonly {
      readonly id: string;
      readonly miniPrograms: readonly {
        readonly id: string;
        readonly releases?: readonly (WireBody & { readonly config?: Config })[];
      }[];
    }[];
  };
  return workspaces.flatMap((workspace) =>
    workspace.miniPrograms.flatMap(({ id, releases = [] }) =>
      releases.map((release) => ({
        key: keyOf({ ...release, workspace: workspace.id, miniProgram: id }),
        config: release.config ?? {},
      })),
    ),
  );
}

/** Every commit ever pushed, in order; what a broken file declared stays as it was. */
function readHistory(work: string): readonly Commit[] {
  const lines = git(work, 'for-each-ref', '--format=%(objectname) %(refname)', 'refs/day')
    .split('\n')
    .filter((line) => line !== '');
  const commits: Commit[] = [];
  let files: ReadonlyMap<string, Declared> = new Map();
  for (const line of lines) {
    const [id = '', time = ''] = line.split(/ .*-/);
    files = readTree(work, id, files);
    const declared = new Map([...files.values()].flatMap((file) => [...file]));
    commits.push({ at: Number(time), declared });
  }
  return commits;
}

function readTree(
  work: string,
  commit: string,
  before: ReadonlyMap<string, Declared>,
): ReadonlyMap<string, Declared> {
  const names = git(work, 'ls-tree', '-r', '--name-only', commit)
    .split('\n')
    .filter((name) => name.endsWith('.yaml'));
  const programs = new Map<string, { readonly workspace: string; readonly id: string }>();
  const parsed = names.map((name) => ({
    name,
    documents: parse(git(work, 'show', `${commit}:${name}`)),
  }));
  for (const { metadata, kind, spec } of parsed.flatMap(({ documents }) => documents ?? [])) {
    if (kind === 'MiniProgram') programs.set(metadata.name, spec as never);
  }
  return new Map(
    parsed.map(({ name, documents }) => [
      name,
      documents ? releasesOf(documents, programs) : (before.get(name) ?? new Map<string, Config>()),
    ]),
  );
}

interface Document {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly miniProgram: string;
    readonly version: string;
    readonly targets: readonly (WireBody & { readonly config: Config })[];
  };
}

function parse(text: string): readonly Document[] | undefined {
  const documents = parseAllDocuments(text);
  const isBroken = !('empty' in documents) && documents.some(({ errors }) => errors.length > 0);
  return isBroken ? undefined : documents.map((document) => document.toJS() as Document);
}

function releasesOf(
  documents: readonly Document[],
  programs: ReadonlyMap<string, { readonly workspace: string; readonly id: string }>,
): Declared {
  const releases = documents.filter(({ kind }) => kind === 'MiniProgramRelease');
  return new Map(
    releases.flatMap(({ spec }) => {
      const program = programs.get(spec.miniProgram);
      if (!program) return [];
      const { workspace, id } = program;
      return spec.targets.map(({ app, environment, config }) => {
        const { version } = spec;
        const key = keyOf({
          workspace,
          miniProgram: id,
          version,
          app: app!,
          environment: environment!,
        });
        return [key, config] as const;
      });
    }),
  );
}

function git(work: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', work, ...args], { encoding: 'utf8' }).trim();
}
