import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it, vi } from 'vitest';

import { seededRandom } from '../support/random.ts';
import { judge } from './day-judge.ts';
import { createDay, killAmid, type Day } from './day-stage.ts';
import type { Team } from './day-team.ts';

beforeAll(() => {
  if (spawnSync('ssh', ['-V']).status !== 0)
    throw new Error('ssh is missing: install openssh-client');
});

const seed = Number(process.env['FAIRLEAD_DAY_SEED'] ?? 20_260_112);
const commitsAtLeast = 50;
const killsAtLeast = 30;
const killsInsideAtLeast = 20;
/** Commits that come while nobody lives are written at once. */
const writesAtLeast = 30;
const environments = ['Production', 'Sandbox', 'Test', 'Development'] as const;

interface Dice {
  readonly below: (limit: number) => number;
  readonly chance: (of: number) => boolean;
  readonly pick: <T>(all: readonly T[]) => T;
}

function createDice(): Dice {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random.next() * limit);
  return {
    below,
    chance: (of) => random.next() < of,
    pick: (all) => all[below(all.length)]!,
  };
}

/** No value twice: what is written tells which commit it is of. */
function createValues(): () => string {
  let last = 0;
  return () => `M-${String((last += 1))}`;
}

type Next = () => string;

/**
 * One ordinary commit: an edit, another target, another release, a renamed file, or a target less.
 *
 * @returns whether something is to be written
 */
async function change(team: Team, dice: Dice, next: Next): Promise<boolean> {
  const kind = dice.pick(kinds);
  await changes[kind](team, { dice, next });
  return kind !== 'rename' && kind !== 'remove';
}

const kinds = ['edit', 'edit', 'edit', 'edit', 'target', 'release', 'rename', 'remove'] as const;

interface Tools {
  readonly dice: Dice;
  readonly next: Next;
}

const changes = {
  async edit(team, { dice, next }) {
    const { targets } = dice.pick([...team.declaration.files.values()]);
    for (const [environment, { clientId }] of targets) {
      if (dice.chance(0.7)) {
        const client = dice.chance(0.3) ? next() : dice.chance(0.3) ? undefined : clientId;
        targets.set(environment, { merchantId: next(), clientId: client });
      }
    }
    const [first] = targets.keys();
    targets.set(first!, { merchantId: next(), clientId: undefined });
    await team.push('Edit');
  },
  async target(team, { dice, next }) {
    const { targets } = dice.pick([...team.declaration.files.values()]);
    const free = environments.filter((environment) => !targets.has(environment));
    if (free.length === 0) targets.set('Test', { merchantId: next(), clientId: next() });
    else targets.set(dice.pick(free), { merchantId: next(), clientId: undefined });
    await team.push('Add a target');
  },
  async release(team, { dice, next }) {
    const { files } = team.declaration;
    const number = files.size;
    const version = `1.${String(number % 10)}.0`;
    const targets = new Map([
      [dice.pick(environments), { merchantId: next(), clientId: undefined }],
    ]);
    if ([...files.values()].some((release) => release.version === version)) {
      await changes.edit(team, { dice, next });
      return;
    }
    files.set(`releases/${version}.yaml`, { version, targets });
    await team.push('Add a release');
  },
  async rename(team, { dice }) {
    const { files } = team.declaration;
    const [file, release] = dice.pick([...files]);
    files.delete(file);
    files.set(`moved/${release.version}-${String(dice.below(1_000))}.yaml`, release);
    await team.push('Rename');
  },
  async remove(team, { dice, next }) {
    const { targets } = dice.pick([...team.declaration.files.values()]);
    if (targets.size < 2) targets.set('Sandbox', { merchantId: next(), clientId: undefined });
    else targets.delete(dice.pick([...targets.keys()]));
    await team.push('Remove a target');
  },
} as const satisfies Record<string, (team: Team, tools: Tools) => Promise<void>>;

/** What is no ordinary commit, by the number of the step at which it happens. */
type Incident = (day: Day, tools: Tools) => Promise<boolean | void>;

const ordinary: Incident = ({ coffee, tea }, { dice, next }) =>
  change(dice.pick([coffee, tea]), dice, next);

const incidents: Readonly<Record<number, Incident>> = {
  async 6({ tea }) {
    const [file] = tea.declaration.files.keys();
    await tea.pushText(
      file!,
      'apiVersion: fairlead.dev/v1alpha1\nkind: [unclosed\n',
      'Break a file',
    );
  },
  async 8({ tea }) {
    await tea.push('Repair the file');
  },
  async 11(day) {
    await handEdits(day, day.coffee, 2);
  },
  async 14(day) {
    day.wire.outage(true);
    await change(day.coffee, createDice(), createValuesFrom('O'));
    await day.hint();
    await sleep(2_500);
    day.wire.outage(false);
  },
  async 18({ coffee }) {
    await coffee.pushNothing('Delete everything');
  },
  async 20({ coffee }) {
    await coffee.push('Revert: delete everything');
  },
  async 24(day, { next }) {
    await day.converged();
    const [release] = day.tea.declaration.files.values();
    const [environment] = release!.targets.keys();
    release!.targets.set(environment!, { merchantId: next(), clientId: undefined });
    await newSecond();
    await day.tea.rewrite(2, 'Rewrite history');
  },
  async 28(day) {
    day.http.outage(true);
    day.ssh.outage(true);
    await change(day.tea, createDice(), createValuesFrom('G'));
    await day.hint();
    await sleep(2_500);
    day.http.outage(false);
    day.ssh.outage(false);
  },
  async 33(day, { next }) {
    await day.converged();
    const calls = day.wire.calls.length;
    day.coffee.rewind(3);
    await day.hint();
    await vi.waitFor(
      async () => {
        expect((await day.status()).sources).toContainEqual(
          expect.objectContaining({ name: 'coffee', state: 'Rewound' }),
        );
      },
      { timeout: 20_000, interval: 100 },
    );
    const [release] = day.coffee.declaration.files.values();
    release!.targets.set('Sandbox', { merchantId: next(), clientId: undefined });
    expect(day.wire.calls.slice(calls).filter(({ route }) => route.endsWith('patch'))).toEqual([]);
    await newSecond();
    await day.coffee.push('Go on after the rewind');
  },
  async 38(day) {
    await handEdits(day, day.tea, 2);
  },
};

function createValuesFrom(letter: string): Next {
  let last = 0;
  return () => `M-${letter}${String((last += 1))}`;
}

/** A commit's time is that of its second, and what is not newer is held. */
async function newSecond(): Promise<void> {
  const second = Math.floor(Date.now() / 1_000);
  while (Math.floor(Date.now() / 1_000) === second) await sleep(50);
}

/** A colleague edits in the console what is declared otherwise. */
async function handEdits(day: Day, team: Team, count: number): Promise<void> {
  await day.converged();
  const places = [...team.declaration.files.values()].flatMap(({ version, targets }) =>
    [...targets.keys()].map((environment) => ({ version, environment })),
  );
  for (const place of places.slice(0, count)) {
    await day.platform.act('editReleaseConfig', {
      ...{ workspace: 'acme', miniProgram: team.program, app: 'megapay' },
      ...place,
      patch: { merchantId: 'M-by-hand' },
    });
  }
}

describe('a day in two minutes', () => {
  it(`leaves the platform as it is declared, whatever happened (seed ${String(seed)})`, async () => {
    const day = await createDay();
    const dice = createDice();
    const next = createValues();
    const teams = [day.coffee, day.tea];
    for (const team of teams) await changes.release(team, { dice, next });
    await day.start();
    day.wire.fate = ({ route }) => {
      // Long on its way, so that the next process asks for the same before it arrives.
      if (route.endsWith('/create')) return { holdMs: dice.below(2_000), lost: dice.chance(0.2) };
      return route.endsWith('/patch')
        ? { holdMs: dice.below(250), holdAnswerMs: dice.below(100), lost: dice.chance(0.05) }
        : { holdMs: dice.below(20) };
    };

    for (let step = 1; step <= commitsAtLeast; step += 1) {
      const incident = incidents[step];
      const isToWrite = await (incident ?? ordinary)(day, { dice, next });
      void day.hint();
      if (step % 4 === 0) {
        await day.converged();
        continue;
      }
      await killAmid(day, {
        on: isToWrite ? dice.pick(['read', 'write', 'write', 'answer']) : 'any',
        delayMs: dice.below(isToWrite ? 60 : 600),
        latestMs: 6_000,
      });
      await day.start();
      if (dice.chance(0.15)) {
        await killAmid(day, { on: 'write', delayMs: dice.below(150), latestMs: 2_500 });
        await day.start();
      }
    }
    await day.converged();

    const restedAt = Date.now();
    const verdict = await vi.waitFor(
      async () => {
        const made = judge({
          wire: day.wire.calls,
          log: await day.platform.calls(),
          world: await day.platform.world(),
          repositories: teams.map(({ repository }) => repository.work),
          kills: day.kills,
          restedAt,
        });
        expect(made.counts.readsAfterRest).toBeGreaterThanOrEqual(10);
        return made;
      },
      { timeout: 60_000, interval: 2_000 },
    );
    await day.stop();

    process.stdout.write(`a day in two minutes: ${JSON.stringify(verdict.counts)}\n`);
    expect(verdict.wrong).toEqual([]);
    expect(verdict.counts.commits).toBeGreaterThanOrEqual(commitsAtLeast);
    expect(verdict.counts.kills).toBeGreaterThanOrEqual(killsAtLeast);
    expect(verdict.counts.killsInsideAPass).toBeGreaterThanOrEqual(killsInsideAtLeast);
    expect(verdict.counts.writes).toBeGreaterThanOrEqual(writesAtLeast);
    expect(processesOf(day.place.dir), 'nobody is left behind').toEqual('');
  });
});

function processesOf(directory: string): string {
  return spawnSync('ps', ['-eww', '-o', 'args'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line.includes(directory) && /^(git|ssh)\b/.test(line))
    .join('\n');
}
