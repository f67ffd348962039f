import { expect, it } from 'vitest';

import { runKills } from '../chaos/kill.ts';

const kills = 20;

it(
  'killed twenty times under a load of writes, it has lost and doubled nothing',
  async () => {
    const report = await runKills({ kills, seed: 7 });

    const { lost, doubled, ...counts } = report;
    console.log(JSON.stringify(counts));
    expect(lost, 'what was acknowledged is there after the restart').toEqual([]);
    expect(doubled, 'a repeat under the same request id does nothing again').toEqual([]);
    expect(report.midRequest, 'kills between first byte and last').toBeGreaterThanOrEqual(
      kills / 2,
    );
    expect(report.acknowledged, 'there was a load').toBeGreaterThan(kills);
    expect(report.unknown, 'and it was cut').toBeGreaterThan(kills / 2);
  },
  5 * 60 * 1000,
);
