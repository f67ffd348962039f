import { expect, it } from 'vitest';
import { concluded } from './loop-run.ts';
import { storyOf } from './loop-story.ts';

/** More of them with FAIRLEAD_SEEDS=N: three stories for each. */
const given = process.env['FAIRLEAD_SEEDS'];
const seeds = given === undefined ? 30 : Number(given) * 3;

/** No verdict: a busy machine takes its time for as many as are asked for. */
const timeout = 1_800_000;

it(
  'keeps every invariant in random stories, and comes to rest as declared',
  { timeout },
  async () => {
    const failures: string[] = [];
    let struck = 0;
    for (let seed = 1; seed <= seeds; seed += 1) {
      const plain = storyOf(seed, { strikes: false });
      await plain.play();
      const story = storyOf(seed, { strikes: true });
      await story.play();
      if (events(plain.universe.trace) !== events(story.universe.trace)) struck += 1;
      const { breaches } = await concluded(story);
      failures.push(...breaches.map((breach) => `seed ${String(seed)}: ${breach}`));
    }
    process.stdout.write(
      `${String(struck)} of ${String(seeds)} random stories were changed by what struck them\n`,
    );

    expect(failures).toEqual([]);
    expect(struck / seeds).toBeGreaterThan(0.8);
  },
);

function events(trace: readonly string[]): string {
  return trace.filter((line) => !line.includes('struck by')).join('\n');
}
