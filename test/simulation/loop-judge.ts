import { isDeepStrictEqual } from 'node:util';
import type { Release, World } from '../../src/emulator/world/state.ts';
import type { Order } from '../../src/core/model/orders.ts';
import type { Attempt } from './loop-wire.ts';
import {
  flat,
  secretValue,
  type Declared,
  type DeclaredProgram,
  type Values,
} from './loop-town.ts';
import type { Learned } from './loop-outside.ts';
import type { Machine, Universe } from './loop-universe.ts';

/*
 * Judges a simulated world by what was sent over its wire and by what its platform holds. Knows nothing of our plans,
 * marks and memories: it has the commits as values, the orders as people gave them, and the records.
 */

/** An approval as a person meant it: one change of whom this release pays. */
export interface Approval {
  readonly machine: string;
  readonly key: string;
  readonly at: number;
}

export interface Case {
  readonly universe: Universe;
  readonly approvals?: readonly Approval[];
  /** Changes of a payee in Production are asked for. */
  readonly asksForPayee?: boolean | undefined;
  /** Several installations claim one program: nobody can say what it is meant to be. */
  readonly isQuarrel?: boolean;
  /** Calls per second that a process may make; absent: not judged. */
  readonly rate?: number | undefined;
}

/** Everything that was tried and should not have been. */
export function breachesOf(of: Case): readonly string[] {
  const { universe, isQuarrel } = of;
  const found = universe.wire.attempts.flatMap((attempt) =>
    [
      explanation(attempt, universe),
      suspension(attempt, universe),
      forbidden(attempt, universe),
      outdated(attempt, universe),
      unconditional(attempt, universe),
      beside(attempt, universe),
    ].flatMap((breach) =>
      breach === undefined ? [] : `${breach}: ${textOf(attempt)} at ${String(attempt.sentAt)}`,
    ),
  );
  return [
    ...universe.bugs,
    ...internalErrors(universe),
    ...found,
    ...creations(universe),
    ...repeatedIds(universe),
    ...payees(of),
    ...tooFast(of),
    ...(isQuarrel ? [] : wronglyPaid(universe)),
  ];
}

function textOf({ process, operation, key, config }: Attempt): string {
  return `${process} ${operation} ${key} ${JSON.stringify(config)}`;
}

/** I6 and I4: a commit that this process had says so, and it was the newest it had. */
function explanation(attempt: Attempt, universe: Universe): string | undefined {
  const { key } = attempt;
  const commits = inForceAt(attempt, universe).filter(({ complete }) => complete);
  const all = Object.values(universe.repos).flatMap((repo) => repo.commits);
  const isEverSaid = (path: string) =>
    all.some((one) => valuesAt(one.declared, key)?.[path] !== undefined);
  const isSaid = commits.some(({ declared }) => {
    const wanted = valuesAt(declared, key);
    return wanted !== undefined && fits(attempt, wanted, { universe, isEverSaid });
  });
  return isSaid ? undefined : 'I6 no commit explains';
}

/** The newest commit of each source that the process had when it sent this. */
function inForceAt({ process, sentAt }: Attempt, universe: Universe) {
  const known = universe.learned.filter((one) => one.process === process && one.at <= sentAt);
  return known.filter((one) => until(one, known) >= sentAt).map((one) => commitAt(universe, one));
}

/** When the next commit of the same source took its place. */
function until({ source, at }: Learned, known: readonly Learned[]): number {
  return known.find((one) => one.source === source && one.at > at)?.at ?? Infinity;
}

function commitAt({ repos }: Universe, { source, index }: Learned) {
  return repos[source]!.commits[index]!;
}

function valuesAt(declared: Declared, key: string): Values | undefined {
  const [program = '', ...place] = key.split('/');
  return place.length === 0
    ? declared[program]?.global
    : declared[program]?.targets[place.join('/')];
}

interface Fitting {
  readonly universe: Universe;
  readonly isEverSaid: (path: string) => boolean;
}

function fits({ operation, config }: Attempt, wanted: Values, { universe, isEverSaid }: Fitting) {
  const isWhole =
    operation !== 'createRelease' ||
    isDeepStrictEqual(Object.keys(config).sort(), Object.keys(wanted).sort());
  const isGlobal = operation === 'patchGlobalConfig';
  return (
    isWhole &&
    Object.entries(config).every(([path, value]) => {
      if (value === null) return !isGlobal && wanted[path] === undefined && isEverSaid(path);
      return isWanted(value, wanted[path], universe.secrets);
    })
  );
}

function isWanted(
  value: string | readonly string[],
  wanted: Values[string] | undefined,
  secrets: readonly string[],
): boolean {
  if (wanted === secretValue) return secrets.includes(String(value));
  return isDeepStrictEqual(value, wanted);
}

/** A person said stop before it was sent. */
function suspension(attempt: Attempt, { machines, time }: Universe): string | undefined {
  const machine = machineOf(attempt.process, machines);
  const now = time.wall() - time.mono() + attempt.sentAt;
  const [program = ''] = attempt.key.split('/');
  const whom = [undefined, `megapay/acme/${program}`];
  const isStopped = whom.some((one) => {
    const last = machine.disk.orders
      .filter((order) => order.kind === 'suspend' || order.kind === 'resume')
      .filter((order) => order.program === one && order.at < now)
      .at(-1);
    return last?.kind === 'suspend' && !isOver(last, now);
  });
  return isStopped ? 'written although suspended' : undefined;
}

function isOver(order: Extract<Order, { readonly kind: 'suspend' }>, now: number): boolean {
  return order.until !== undefined && order.until <= now + 1;
}

function machineOf(process: string, machines: readonly Machine[]): Machine {
  const machine = machines.find(({ name }) => process.startsWith(`${name}.`));
  if (!machine) throw new Error(`whose process is ${process}?`);
  return machine;
}

/**
 * I2: the last thing this process was told of the record forbids it. Where somebody else creates as well, it may hear of
 * that in the middle of a pass, and the platform says no.
 */
function forbidden({ told, operation }: Attempt, { machines }: Universe): string | undefined {
  if (!told) return undefined;
  if (operation === 'createRelease')
    return machines.length === 1 ? 'I1 creates what it was told is there' : undefined;
  return told.status === 'NewVersionCreated' ? undefined : `I2 was told it is ${told.status}`;
}

/** I7: it was planned from what is older than our own last write. */
function outdated({ own, ifRevision }: Attempt, { host }: Universe): string | undefined {
  if (own === undefined || ifRevision === undefined) return undefined;
  if (host.world().switches.revisions !== 'counter') return undefined;
  return Number(ifRevision) < Number(own) ? 'I7 is older than our own last write' : undefined;
}

/** Where the platform honours them, a change names what it was planned from: a late one must not undo newer ones. */
function unconditional({ operation, ifRevision }: Attempt, { host }: Universe): string | undefined {
  const isHonoured = host.world().switches.conditionalWrites;
  return isHonoured && operation !== 'createRelease' && ifRevision === undefined
    ? 'sent without a precondition'
    : undefined;
}

/** One process has one write of a key under way at a time. */
function beside(attempt: Attempt, { wire }: Universe): string | undefined {
  const { process, key, sentAt } = attempt;
  const other = wire.attempts.find(
    (one) =>
      one !== attempt &&
      one.process === process &&
      one.key === key &&
      one.sentAt <= sentAt &&
      (one.endedAt ?? Infinity) > sentAt,
  );
  return other && 'sent beside another write of the same key';
}

/** A request id stands for one call: what comes back to an earlier value is another call than the first time. */
function repeatedIds({ wire }: Universe): readonly string[] {
  const calls = wire.attempts.filter(({ requestId }) => requestId !== undefined);
  const byId = Map.groupBy(calls, ({ requestId }) => requestId ?? '');
  return [...byId].flatMap(([id, same]) => {
    const meant = new Set(
      same.map(({ key, config, ifRevision }) => JSON.stringify([key, config, ifRevision])),
    );
    return meant.size > 1 ? [`request id ${id} stands for ${[...meant].join(' and ')}`] : [];
  });
}

/** I1: one intention, one request id; one key, one record. */
function creations({ wire, host }: Universe): readonly string[] {
  const creates = wire.attempts.filter(
    ({ operation, requestId }) => operation === 'createRelease' && requestId !== undefined,
  );
  const meant = Map.groupBy(creates, (one) =>
    JSON.stringify([one.key, Object.entries(one.config).sort(), one.mark]),
  );
  const twice = [...meant].filter(
    ([, same]) => new Set(same.map(({ requestId }) => requestId)).size > 1,
  );
  const keys = Map.groupBy(host.world().releases, keyOf);
  const records = host.world().switches.permissive
    ? []
    : [...keys].filter(([, { length }]) => length > 1);
  return [
    ...twice.map(([what]) => `I1 one create by several request ids: ${what}`),
    ...records.map(([key, { length }]) => `I1 ${String(length)} records of ${key}`),
  ];
}

function keyOf({ miniProgram, version, environment }: Release): string {
  return `${miniProgram}/${version}/${environment}`;
}

function releaseAt(world: World | undefined, key: string): Release | undefined {
  return world?.releases.findLast((release) => keyOf(release) === key);
}

/** Each change of whom Production pays needs an approval of its own. */
function payees({ universe, approvals = [], asksForPayee }: Case): readonly string[] {
  if (!asksForPayee) return [];
  const left = [...approvals];
  return universe.wire.attempts.flatMap(({ process, key, before, after, sentAt }) => {
    if (!key.endsWith('/Production')) return [];
    const was = releaseAt(before, key)?.config.merchantId;
    const is = releaseAt(after, key)?.config.merchantId;
    if (was === undefined || is === undefined || was === is) return [];
    const place = left.findIndex(
      (one) => process.startsWith(`${one.machine}.`) && one.key === key && one.at <= sentAt,
    );
    if (place < 0) return [`unapproved: ${key} pays ${is} at ${String(sentAt)}`];
    left.splice(place, 1);
    return [];
  });
}

/** I9. */
function tooFast({ universe, rate }: Case): readonly string[] {
  const byProcess = Map.groupBy(universe.wire.calls, ({ process }) => process);
  return [...byProcess].flatMap(([process, calls]) => {
    const loud = calls.filter((call) =>
      calls.some(
        ({ deliveredAt = Infinity, quietUntil = 0 }) =>
          call.sentAt > deliveredAt && call.sentAt < Math.min(quietUntil, deliveredAt + 900_000),
      ),
    );
    const crowded =
      rate === undefined
        ? []
        : calls.filter((call, i) => (calls[i + rate]?.sentAt ?? Infinity) < call.sentAt + 1_000);
    return [
      ...loud.map(({ sentAt }) => `I9 ${process} called at ${String(sentAt)} before Retry-After`),
      ...crowded.map(({ sentAt }) => `I9 ${process} called too often after ${String(sentAt)}`),
    ];
  });
}

function internalErrors({ machines }: Universe): readonly string[] {
  return machines.flatMap(({ events }) =>
    events.flatMap((event) =>
      event.kind === 'condition' && event.trouble?.code === 'InternalError'
        ? [`a bug: ${event.trouble.message} (${event.name})`]
        : [],
    ),
  );
}

/** After each write of ours every editable release pays somebody whom some commit, person or the first world meant. */
function wronglyPaid(universe: Universe): readonly string[] {
  const meant = payeesMeant(universe);
  const found = universe.wire.attempts.flatMap((attempt) => {
    const { after } = attempt;
    // A record that nobody declares any more follows the global configuration, as on any platform.
    const commits = inForceAt(attempt, universe);
    const isDeclared = (key: string) =>
      commits.some(({ declared }) => valuesAt(declared, key) !== undefined);
    return (after?.releases.toArray() ?? [])
      .filter(
        (release) =>
          release.status === 'NewVersionCreated' &&
          isDeclared(keyOf(release)) &&
          releaseAt(after, keyOf(release)) === release,
      )
      .flatMap((release) => {
        const key = keyOf(release);
        const payee = release.config.merchantId ?? globalOf(after!, release);
        const allowed = meant.get(key);
        return payee === undefined || !allowed || allowed.has(payee)
          ? []
          : [`${key} pays ${payee}`];
      });
  });
  return [...new Set(found)];
}

function globalOf(world: World, { miniProgram }: Pick<Release, 'miniProgram'>): string | undefined {
  return world.programs.get(`acme/${miniProgram}`)?.globalConfig.merchantId;
}

/** By key, for those that were ever declared: effective payees under each commit, and those given by hand. */
function payeesMeant({ repos, edits }: Universe): ReadonlyMap<string, ReadonlySet<string>> {
  const declared = Object.values(repos)
    .flatMap(({ commits }) => commits.flatMap((commit) => Object.entries(commit.declared)))
    .flatMap(([name, { global, targets }]) =>
      Object.entries(targets).map(([place, values]) => ({
        key: `${name}/${place}`,
        payee: values['merchantId'] ?? global?.['merchantId'] ?? 'M-1',
      })),
    );
  const keys = [...new Set(declared.map(({ key }) => key))];
  const byHand = edits.flatMap(({ key: where, config: { merchantId: payee } }) =>
    keys
      .filter((key) => key === where || key.startsWith(`${where}/`))
      .map((key) => ({ key, payee })),
  );
  const meant = Map.groupBy([...declared, ...byHand], ({ key }) => key);
  return new Map(
    [...meant].map(([key, all]) => [key, new Set(all.map(({ payee }) => String(payee)))]),
  );
}

/** What of the newest commits the platform does not hold although its state permits it. */
export function missing(universe: Universe): readonly string[] {
  const { repos, host } = universe;
  return Object.values(repos).flatMap(({ commits, head }) => {
    const commit = commits[head];
    if (!commit?.complete) return [];
    return Object.entries(commit.declared).flatMap(([name, { global, targets, policy }]) => {
      const isReported = (key: string, path: string) =>
        policy !== undefined && universe.edits.some((e) => e.key === key && path in e.config);
      const world = host.world();
      const atGlobal = flat(world.programs.get(`acme/${name}`)?.globalConfig ?? {});
      return [
        ...differences(name, { wanted: global ?? {}, held: atGlobal, isReported, universe }),
        ...Object.entries(targets).flatMap(([place, wanted]) => {
          const key = `${name}/${place}`;
          const release = releaseAt(world, key);
          if (!release) return [`${key} is not there`];
          if (release.status !== 'NewVersionCreated') return [];
          const held = flat(release.config);
          return [
            ...differences(key, { wanted, held, isReported, universe }),
            ...(isSuperseded(place, targets) ? [] : leftovers(key, { wanted, held, universe })),
          ];
        }),
      ];
    });
  });
}

/** A field that an old version declares no more is left to it. */
function isSuperseded(place: string, targets: DeclaredProgram['targets']): boolean {
  const [version = '', environment] = place.split('/');
  return Object.keys(targets).some((other) => {
    const [newer = '', at] = other.split('/');
    return at === environment && newer > version;
  });
}

interface Compared {
  readonly wanted: Values;
  readonly held: ReturnType<typeof flat>;
  readonly isReported: (key: string, path: string) => boolean;
  readonly universe: Universe;
}

function differences(
  key: string,
  { wanted, held, isReported, universe }: Compared,
): readonly string[] {
  return Object.entries(wanted).flatMap(([path, value]) => {
    const expected = value === secretValue ? universe.secrets.at(-1) : value;
    if (isDeepStrictEqual(held[path], expected) || isReported(key, path)) return [];
    return [`${path} of ${key} is ${JSON.stringify(held[path])}, not ${JSON.stringify(expected)}`];
  });
}

/** What is not declared any more and nobody gave by hand; where no marks are kept, a lost base may leave it. */
function leftovers(
  key: string,
  { wanted, held, universe }: Omit<Compared, 'isReported'>,
): readonly string[] {
  if (!universe.host.world().switches.marks) return [];
  return Object.keys(held).flatMap((path) => {
    const isByHand = universe.edits.some((edit) => edit.key === key && path in edit.config);
    return wanted[path] !== undefined || isByHand ? [] : [`${path} of ${key} was left behind`];
  });
}
