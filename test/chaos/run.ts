import { parseArgs } from 'node:util';

import { runKills } from './kill.ts';

/* npm run chaos: kills the platform under load, many times. Prints JSON, then a table; fails when anything was lost. */
const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const kills = Number(values.kills);
const report = await runKills({
  kills,
  seed: Number(values.seed),
  onKill: (done) => {
    if (done % 10 === 0) console.error(`${done} of ${kills} kills`);
  },
});
const { lost, doubled, ...counts } = report;
const passed = lost.length === 0 && doubled.length === 0 && report.midRequest * 2 >= kills;

console.log(JSON.stringify({ ...report, seed: Number(values.seed), passed }, null, 2));
console.table({ ...counts, lost: lost.length, doubled: doubled.length, passed });
process.exitCode = passed ? 0 : 1;
