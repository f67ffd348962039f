import { describe, expect, it } from 'vitest';
import { concluded } from './loop-run.ts';
import { storyOf } from './loop-story.ts';
import { filesOf, townWorld, type Declared } from './loop-town.ts';
import { createUniverse, type Universe, type UniverseOptions } from './loop-universe.ts';

const seeds = [3, 5, 9, 17, 21];

describe('the same seed', () => {
  it.each(seeds)('%i makes the same trace', async (seed) => {
    const traces = await Promise.all(
      [1, 2].map(async () => {
        const story = storyOf(seed, { strikes: true });
        await story.play();
        return (await concluded(story)).trace;
      }),
    );

    expect(traces[0]!.length).toBeGreaterThan(50);
    expect(traces[0]).toEqual(traces[1]);
  });
});

const declared: Declared = Object.fromEntries(
  ['coffee', 'tea', 'cake'].map((name, i) => [
    name,
    {
      global: { merchantId: `M-${String(i)}` },
      targets: {
        '1.0.0/Test': { testers: ['u1', 'u2'] },
        '1.0.0/Sandbox': { merchantId: 'M-S' },
        '1.1.0/Test': { serverDomains: ['https://a.example'] },
      },
    },
  ]),
);

function ended({ host }: Universe) {
  return {
    releases: host
      .world()
      .releases.toArray()
      .map(({ miniProgram, version, environment, config, mark }) => ({
        ...{ key: `${miniProgram}/${version}/${environment}`, config, mark },
      }))
      .sort((a, b) => (a.key < b.key ? -1 : 1)),
    programs: host
      .world()
      .programs.valueSeq()
      .toArray()
      .map(({ id, globalConfig, globalMark }) => ({ id, globalConfig, globalMark })),
  };
}

async function endOf(
  more: Partial<UniverseOptions>,
  files: Readonly<Record<string, string>>,
): Promise<unknown> {
  const universe = createUniverse({ world: townWorld(), ...more });
  universe.repos['team']!.commit(declared, { files });
  universe.machines[0]!.start();
  await universe.time.advance(30_000);
  const { breaches } = await concluded({ universe });
  expect(breaches).toEqual([]);
  return ended(universe);
}

const shuffled = Object.fromEntries(Object.entries(filesOf(declared)).reverse());

it.each<{ readonly name: string; readonly more: Partial<UniverseOptions> }>([
  { name: 'files in another order', more: {} },
  { name: 'one record a page', more: { pageSize: 1 } },
  { name: 'one worker', more: { workers: 1 } },
  { name: 'a dozen workers', more: { workers: 12 } },
  { name: 'other travelling times', more: { seed: 99, travelMs: 400 } },
])('$name: the same end', async ({ more }) => {
  const plain = await endOf({}, filesOf(declared));

  expect(await endOf(more, shuffled)).toEqual(plain);
});

const others: Declared = Object.fromEntries(
  Object.entries(declared).filter(([name]) => name !== 'cake'),
);

it.each<{ readonly name: string; readonly spoil: (universe: Universe) => void }>([
  {
    name: 'a file that cannot be parsed',
    spoil: ({ repos }) =>
      repos['team']!.commit(others, {
        files: { ...filesOf(others), 'cake.yaml': 'kind: [\n' },
      }),
  },
  {
    name: 'a program whose version is not there',
    spoil: (universe) => {
      universe.repos['team']!.commit({
        ...others,
        cake: { targets: { '9.9.9/Test': { testers: ['u1'] } } },
      });
    },
  },
])('$name delays no other program', async ({ spoil }) => {
  const at = async (how: (universe: Universe) => void): Promise<readonly (string | number)[]> => {
    const universe = createUniverse({ world: townWorld(), travelMs: 0 });
    how(universe);
    universe.machines[0]!.start();
    await universe.time.advance(30_000);
    return universe.wire.attempts
      .filter(({ key }) => !key.startsWith('cake'))
      .map(({ key, sentAt }) => `${key} at ${String(Math.ceil(sentAt / 1_000))} s`)
      .sort();
  };

  const expected = await at(({ repos }) => repos['team']!.commit(others));

  expect(expected).toHaveLength(8);
  expect(await at(spoil)).toEqual(expected);
});

it.each<{ readonly name: string; readonly spoil: (universe: Universe) => void }>([
  { name: 'every file is deleted', spoil: ({ repos }) => repos['team']!.commit({}) },
  {
    name: 'every file is broken',
    spoil: ({ repos }) => repos['team']!.commit({}, { files: { 'all.yaml': '{{{' } }),
  },
  {
    name: 'the source cannot be read whole',
    spoil: ({ repos }) => repos['team']!.commit({}, { complete: false }),
  },
  {
    name: 'the source does not answer',
    spoil: (universe) => {
      universe.strikes = ({ name }) => (name === 'look' ? { kind: 'fail' } : undefined);
    },
  },
  {
    name: 'the ref goes back',
    spoil: ({ repos }) => {
      repos['team']!.head = 0;
    },
  },
])('removes and writes nothing when $name', async ({ spoil }) => {
  const universe = createUniverse({ world: townWorld() });
  const { repos, machines, time, wire } = universe;
  repos['team']!.commit(others);
  machines[0]!.start();
  await time.advance(12_000);
  repos['team']!.commit(declared);
  await time.advance(20_000);
  const before = ended(universe);
  const count = wire.attempts.length;

  spoil(universe);
  await time.advance(60_000);
  machines[0]!.die();
  await time.advance(60_000);

  expect(wire.attempts.slice(count)).toEqual([]);
  expect(ended(universe)).toEqual(before);
});
