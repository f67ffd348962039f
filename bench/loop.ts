import { busy, perSecond } from '../test/simulation/loop-busy.ts';
import { atLeast, atMost, exactly, reference, type Measure } from './measure.ts';
import { median } from './process.ts';

const targets = 10_000;
const commits = 10;

/** P8 and P9 of the whole loop, on a virtual clock: a second is a second, however busy the machine is. */
export const loop: Measure = async () => {
  const { freshMs, used, tooMany, undone } = await busy(targets, commits);
  const what = `whole loop, ${String(targets)} targets drift, ${String(perSecond)} calls a second`;
  const fresh = (which: string, ms: number) => ({
    ...{ id: 'P8', what: `${what}: commit to first write, ${which}`, value: ms / 1000, unit: 's' },
  });
  return [
    atMost(2, fresh(`latest of ${String(commits)}`, Math.max(...freshMs))),
    reference(fresh('median', median(freshMs))),
    atLeast(90, { id: 'P9', what: `${what}: rate used`, value: used * 100, unit: '%' }),
    exactly(0, {
      id: 'P9',
      what: `${what}: refused for their number`,
      value: tooMany,
      unit: 'calls',
    }),
    reference({
      id: 'P9',
      what: `${what}: drift undone meanwhile`,
      value: undone,
      unit: 'targets',
    }),
  ];
};
