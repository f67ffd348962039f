import {
  effects as platformFaults,
  type Effect,
  type FaultRule,
} from '../../src/emulator/faults.ts';
import type { ConsoleRequest } from '../../src/emulator/world/console.ts';
import type { Switches } from '../../src/emulator/world/switches.ts';
import { programId } from '../../src/core/words/keys.ts';
import { breakOne, drawOf, edited, firstOf, pick, type Draw } from './loop-authors.ts';
import type { Approval } from './loop-judge.ts';
import { openGates } from './loop-scene.ts';
import type { Strike } from './loop-outside.ts';
import { filesOf, programs, townWorld } from './loop-town.ts';
import {
  createUniverse,
  type EffectAt,
  type Machine,
  type MachineOptions,
  type Universe,
  type UniverseOptions,
} from './loop-universe.ts';

/*
 * A minute in the life of controllers, drawn by a seed: commits of every kind, people at the console, orders, rotated
 * secrets, clocks that jump; and what strikes them meanwhile. With and without strikes it is the same story.
 */

/** What platforms lack; each story is told on one of them. */
const platforms: Readonly<Record<string, Partial<Switches>>> = {
  whole: {},
  permissive: { permissive: true },
  'without conditions and request ids': { conditionalWrites: false, requestIds: false },
  'without marks': { marks: false },
  // With a memory for request ids it would answer a change that comes a second time with what it said the first time.
  'whose revisions come back': { revisions: 'contentHash', requestIds: false },
  'whose lists move under the reader': {
    ...{ pageOrder: 'recentlyChanged', maxPageSize: 2, maxIdsPerFilter: 1 },
  },
};

export interface Story {
  readonly universe: Universe;
  readonly approvals: Approval[];
  readonly asksForPayee: boolean;
  readonly rate: number | undefined;
  /** Several installations quarrel about one program: nobody can say how it ends. */
  readonly isQuarrel: boolean;
  /** Plays the minute. */
  play(): Promise<void>;
}

const activeMs = 60_000;
const { productionPayee: _, ...asking } = openGates;
const rate = 20;

export interface StoryOptions {
  readonly strikes: boolean;
  /** For a story with one thing about it changed. */
  readonly more?: Partial<UniverseOptions>;
}

export function storyOf(seed: number, { strikes, more = {} }: StoryOptions): Story {
  const draw = drawOf(seed);
  const drawn = pick(draw, Object.values(platforms));
  const cast = castOf(draw);
  // Two go back and forth as long as one lags behind, or nobody can see whose a record is: that is no fault's doing.
  const isLone = drawn.revisions === 'contentHash' || drawn.marks === false;
  const switches = cast.kind === 'one' || !isLone ? drawn : {};
  const asksForPayee = cast.kind === 'one' && draw(4) === 0;
  const isPaced = cast.kind === 'one';
  const universe = createUniverse({
    world: townWorld(switches),
    seed,
    ...{ sources: cast.sources, machines: cast.machines },
    ...(asksForPayee && { gates: asking }),
    ...(isPaced && { requestsPerSecond: rate, platformRate: rate }),
    ...more,
  });
  const approvals: Approval[] = [];
  for (const name of cast.sources) writeCommits(universe, name, { draw, cast, switches });
  visitConsole(universe, draw);
  if (cast.kind !== 'quarrel') giveOrders(universe, draw);
  moveTime(universe, draw);
  if (asksForPayee) approve(universe, approvals, drawOf(seed + 5));
  return {
    ...{ universe, approvals, asksForPayee },
    rate: isPaced ? rate : undefined,
    isQuarrel: cast.kind === 'quarrel',
    async play() {
      if (strikes) universe.strikes = strikesOf(universe, drawOf(seed + 9), switches);
      for (const machine of universe.machines) machine.start();
      await universe.time.advance(activeMs);
      universe.strikes = () => undefined;
      putToRest(universe);
    },
  };
}

interface Cast {
  readonly kind: 'one' | 'two' | 'quarrel';
  readonly sources: readonly string[];
  readonly machines: readonly MachineOptions[];
}

function castOf(draw: Draw): Cast {
  const sources = draw(3) === 0 ? ['team', 'other'] : ['team'];
  switch (draw(6)) {
    case 0:
      return { kind: 'two', sources, machines: [{ name: 'one' }, { name: 'two' }] };
    case 1:
      return {
        kind: 'quarrel',
        sources: ['team', 'other'],
        machines: [
          { name: 'one', installation: 'first', sources: ['team'] },
          { name: 'two', installation: 'second', sources: ['other'] },
        ],
      };
    default:
      return { kind: 'one', sources, machines: [{ name: 'one' }] };
  }
}

interface Authoring {
  readonly draw: Draw;
  readonly cast: Cast;
  readonly switches: Partial<Switches>;
}

function writeCommits(universe: Universe, name: string, { draw, cast, switches }: Authoring): void {
  const { time, repos } = universe;
  const repo = repos[name]!;
  const isQuarrel = cast.kind === 'quarrel';
  const own = name === 'team' || isQuarrel ? ['coffee', 'tea'] : ['cake'];
  let declared = firstOf(own, draw, switches);
  repo.commit(declared);
  const count = 2 + draw(4);
  for (let i = 0; i < count; i += 1) {
    const at = 1_000 + draw(activeMs - 15_000);
    const kind = draw(12);
    time.at(at, () => {
      if (kind === 0) return void repo.commit({}, { files: {} });
      if (kind === 1) return void breakOne(repo, declared, draw);
      if (kind === 2) return void repo.commit(declared, { complete: false });
      if (kind === 3)
        return void repo.commit(declared, { files: filesOf(declared, (p) => `x-${p}.yaml`) });
      if (kind === 4 && repo.head > 0) return void (repo.head -= 1);
      declared = edited(declared, draw);
      repo.commit(declared);
    });
  }
  // In the end the sources rest, and what they say is whole.
  time.at(activeMs - 12_000, () => {
    declared = edited(declared, draw);
    repo.commit(declared);
  });
}

/** People edit fields that are ours and that are not, and apply and withdraw. Twice is no quarrel yet. */
function visitConsole(universe: Universe, draw: Draw): void {
  const { time } = universe;
  for (let i = 0; i < 2 + draw(3); i += 1) {
    const at = draw(activeMs - 5_000);
    time.at(at, () => void act(universe, draw));
  }
}

function act(universe: Universe, draw: Draw): void {
  const releases = universe.host.world().releases.toArray();
  if (releases.length === 0) return;
  const { workspace, miniProgram, version, app, environment } = pick(draw, releases);
  const key = { workspace, miniProgram, version, app, environment };
  const used = universe.edits.filter(
    (edit) => edit.key === `${miniProgram}/${version}/${environment}`,
  );
  const actions: readonly ConsoleRequest[] = [
    { action: 'editReleaseConfig', ...key, patch: { merchantId: 'M-hand' } },
    { action: 'editReleaseConfig', ...key, patch: { testers: ['hand'] } },
    { action: 'editReleaseConfig', ...key, patch: { clientId: 'C-hand' } },
    { action: 'editReleaseConfig', ...key, patch: { wapUrls: ['https://hand.example'] } },
    { action: 'apply', ...key },
    { action: 'withdraw', ...key },
    { action: 'uploadVersion', workspace, miniProgram, version: '1.2.0' },
  ];
  const action = pick(draw, actions);
  if ('patch' in action && used.length > 1) return;
  universe.console(action);
}

function giveOrders(universe: Universe, draw: Draw): void {
  if (draw(3) > 0) return;
  const { time, machines } = universe;
  const name = pick(draw, programs);
  const program = programId({ platform: 'megapay', workspace: 'acme', miniProgram: name });
  const whom = draw(2) === 0 ? {} : { program };
  const from = draw(activeMs - 20_000);
  for (const { disk } of machines) {
    time.at(from, () => {
      disk.orders.push({
        ...{ kind: 'suspend', id: orderId(disk), at: time.wall(), by: 'ada', reason: 'freeze' },
        ...whom,
      });
    });
    time.at(from + 3_000 + draw(12_000), () => {
      disk.orders.push({ kind: 'resume', id: orderId(disk), at: time.wall(), by: 'ada', ...whom });
    });
  }
}

function orderId({ orders }: Machine['disk']): string {
  return `order-${String(orders.length).padStart(6, '0')}`;
}

function moveTime(universe: Universe, draw: Draw): void {
  const { time, machines } = universe;
  if (draw(3) === 0) time.at(draw(activeMs), () => universe.rotate('canary-1'));
  if (draw(4) > 0) return;
  const ms = pick(draw, [-7_200_000, -60_000, 60_000, 7_200_000]);
  time.at(draw(activeMs), () => {
    for (const machine of machines) machine.jump(ms);
  });
}

/** A person who is asked says yes once per question; sooner or later. */
function approve(universe: Universe, approvals: Approval[], draw: Draw): void {
  const { time, machines } = universe;
  const given = new Set<string>();
  const look = (): void => {
    for (const machine of machines) if (time.mono() > activeMs || draw(3) === 0) sayYes(machine);
    if (time.mono() < activeMs + 5_000_000) time.at(time.mono() + 2_000, look);
  };
  const sayYes = ({ name, disk, status }: Machine): void => {
    const at = time.wall();
    for (const { id, held, key } of status()?.programs ?? [])
      for (const { where, path, changeId, reason } of held) {
        if (reason !== 'GateRefused' || isStanding(disk.orders, changeId)) continue;
        given.add(`${id} ${changeId}`);
        const ids = [changeId];
        disk.orders.push({
          kind: 'approve',
          id: orderId(disk),
          at,
          by: 'ada',
          asked: changeId,
          ids,
        });
        const [version, , environment] = where.split('/');
        if (path === 'merchantId' && environment === 'Production')
          approvals.push({
            ...{ machine: name, key: `${key.miniProgram}/${version ?? ''}/${environment}` },
            at: time.mono(),
          });
      }
  };
  time.at(2_000, look);
}

function isStanding(orders: Machine['disk']['orders'], id: string): boolean {
  const last = orders.findLast((order) => 'ids' in order && order.ids.some((one) => one === id));
  return last?.kind === 'approve';
}

const wireEffects = (Object.keys(platformFaults) as Effect[]).filter((name) => name !== 'hugeBody');

/** One effect in twenty meets something, up to a dozen of them. */
function strikesOf(
  universe: Universe,
  draw: Draw,
  switches: Partial<Switches>,
): Universe['strikes'] {
  const isGuarded = switches.permissive !== true && switches.conditionalWrites !== false;
  const isCounted = switches.revisions !== 'contentHash';
  let left = 12;
  return (at) => {
    if (left === 0 || draw(at.name === 'orders.read' ? 200 : 14) > 0) return undefined;
    const strike = strikeAt(at, universe, { draw, mayBeLate: isGuarded && isCounted });
    if (strike) left -= 1;
    return strike;
  };
}

function strikeAt(
  { name }: EffectAt,
  universe: Universe,
  { draw, mayBeLate }: { readonly draw: Draw; readonly mayBeLate: boolean },
): Strike | undefined {
  const crash = { kind: 'crash', when: draw(2) === 0 ? 'before' : 'after' } as const;
  const kind = draw(10);
  if (kind < 3) return crash;
  if (name === 'look') return { kind: kind < 7 ? 'fail' : 'hang' };
  if (!name.startsWith('call:')) return undefined;
  if (kind === 3) return { kind: 'meanwhile', happen: () => act(universe, draw) };
  if (kind === 4 && mayBeLate) return { kind: 'late', ms: 1 + draw(8_000) };
  const effect = pick(draw, wireEffects);
  if (effect === 'staleList' && !name.startsWith('call:list')) return undefined;
  return { kind: 'wire', rule: ruleOf(effect, draw) };
}

function ruleOf(effect: Effect, draw: Draw): FaultRule {
  return {
    effect,
    delayMs: draw(900),
    back: 1 + draw(3),
    status: pick(draw, [500, 502, 503, 504, 409]),
    retryAfter: pick(draw, ['seconds', 'none', 'nonsense', 'seconds']),
    retryAfterSeconds: 1 + draw(20),
    resultCode: pick(draw, ['UNKNOWN_EXCEPTION', 'REQUEST_TRAFFIC_EXCEED_LIMIT', 'PARAM_ILLEGAL']),
  };
}

/** Requests under review are withdrawn; what was suspended goes on. */
function putToRest(universe: Universe): void {
  const { host, machines, time, repos } = universe;
  for (const { workspace, miniProgram, version, app, environment, status } of host.world().releases)
    if (status === 'UnderReview')
      universe.console({
        action: 'withdraw',
        ...{ workspace, miniProgram, version, app, environment },
      });
  for (const { disk } of machines)
    for (const program of [
      undefined,
      ...programs.map((name) =>
        programId({ platform: 'megapay', workspace: 'acme', miniProgram: name }),
      ),
    ])
      disk.orders.push({
        ...{ kind: 'resume', id: orderId(disk), at: time.wall(), by: 'ada' },
        ...(program && { program }),
      });
  for (const repo of Object.values(repos)) repo.head = repo.commits.length - 1;
}
