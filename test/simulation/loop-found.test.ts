import { describe, expect, it } from 'vitest';
import { concluded } from './loop-run.ts';
import { storyOf } from './loop-story.ts';
import { townWorld, type Declared, type DeclaredProgram } from './loop-town.ts';
import { createUniverse, type Universe, type UniverseOptions } from './loop-universe.ts';

/* What the simulation found, and stays found. */

function coffee(
  targets: DeclaredProgram['targets'],
  more: Partial<DeclaredProgram> = {},
): Declared {
  return { coffee: { targets, ...more } };
}

async function begun(declared: Declared, more: Partial<UniverseOptions> = {}): Promise<Universe> {
  const universe = createUniverse({ world: townWorld(), ...more });
  universe.repos['team']!.commit(declared);
  universe.machines[0]!.start();
  await universe.time.advance(3_000);
  return universe;
}

describe('a program', () => {
  it('is read again after its create came too late, and not created anew every second', async () => {
    const universe = await begun(coffee({ '1.0.0/Test': { merchantId: 'M-2' } }), {
      sweepMs: 300_000,
    });
    const { repos, time, wire } = universe;
    repos['team']!.commit(
      coffee({ '1.0.0/Test': { merchantId: 'M-2' }, '1.0.0/Sandbox': { merchantId: 'M-3' } }),
    );
    universe.strikes = ({ name }) =>
      name === 'call:createRelease'
        ? {
            kind: 'meanwhile',
            happen: () =>
              void universe.console({
                action: 'selectTarget',
                ...{ workspace: 'acme', miniProgram: 'coffee', version: '1.0.0' },
                ...{ app: 'megapay', environment: 'Sandbox', config: { merchantId: 'M-hand' } },
              }),
          }
        : undefined;
    await time.advance(30_000);

    const creates = wire.attempts.filter(({ operation }) => operation === 'createRelease');
    expect(creates.map(({ key }) => key)).toEqual(['coffee/1.0.0/Test', 'coffee/1.0.0/Sandbox']);
  });

  it('whose commit is replaced during its pass does not complete the newer one', async () => {
    const universe = await begun(coffee({ '1.0.0/Test': { merchantId: 'M-2' } }), {
      world: townWorld({ marks: false }),
      ...{ travelMs: 800, lookMs: 300, sweepMs: 300_000 },
    });
    const { repos, time, wire, machines } = universe;
    await time.advance(20_000);
    // What the commit wants is there already: nothing is written, and meanwhile comes the next one.
    universe.console({
      action: 'editReleaseConfig',
      ...{ workspace: 'acme', miniProgram: 'coffee', version: '1.0.0' },
      ...{ app: 'megapay', environment: 'Test', patch: { merchantId: 'M-3' } },
    });
    repos['team']!.commit(coffee({ '1.0.0/Test': { merchantId: 'M-3' } }));
    universe.strikes = ({ name }) => {
      if (name !== 'call:getRelease') return undefined;
      universe.strikes = () => undefined;
      return {
        kind: 'meanwhile',
        happen: () => repos['team']!.commit(coffee({ '1.0.0/Test': { merchantId: 'M-4' } })),
      };
    };
    const { disk } = machines[0]!;
    while (disk.completed.get('team') !== repos['team']!.commits[2]?.id) await time.advance(10);

    expect(wire.attempts.at(-1)).toMatchObject({ config: { merchantId: 'M-4' }, code: 'SUCCESS' });
  });
});

it('is looked at, and looks, at its rhythm when the wall clock is set back by hours', async () => {
  const universe = await begun(coffee({ '1.0.0/Test': { merchantId: 'M-2' } }));
  const { repos, time, machines, wire } = universe;
  machines[0]!.jump(-7_200_000);
  repos['team']!.commit(coffee({ '1.0.0/Test': { merchantId: 'M-3' } }));
  await time.advance(30_000);

  expect(wire.attempts.at(-1)).toMatchObject({ config: { merchantId: 'M-3' }, code: 'SUCCESS' });
});

it('sweeps at its rhythm whenever the wall clock is set back, also right after a sweep', async () => {
  const universe = await begun(coffee({ '1.0.0/Test': { merchantId: 'M-2' } }), { sweepMs: 2_000 });
  const { time, machines, wire } = universe;
  for (let jumps = 0; jumps < 20; jumps += 1) {
    await time.advance(310);
    machines[0]!.jump(-3_600_000);
  }
  const before = wire.calls.length;

  await time.advance(20_000);

  const sweeps = wire.calls.slice(before).filter(({ operation }) => operation === 'listReleases');
  expect(sweeps.length).toBeGreaterThan(7);
});

it.each<{ readonly seed: number; readonly why: string }>([
  { seed: 2, why: 'a forestalled create was sent again every second until the next sweep' },
  { seed: 8, why: 'the same, for a controller that lags behind its twin' },
  { seed: 914, why: 'a record that moved between two pages of a list was created once more' },
  { seed: 1036, why: 'the same, of a record that we had made a second before' },
])('seed $seed: $why', async ({ seed, why }) => {
  const story = storyOf(seed, { strikes: true });
  await story.play();

  const { breaches } = await concluded(story);

  expect(breaches, why).toEqual([]);
});
