import { hotWaits, useBudget } from '../test/support/budget-world.ts';
import { atLeast, atMost, exactly, type Measure, reference, type Row } from './measure.ts';
import { median } from './process.ts';

const perSecond = 10;
const seconds = 300;
const waiting = 10_000;

/** P8 and P9 of the rate budget, on a virtual clock: a second is a second, however busy the machine is. */
export const budget: Measure = async () => {
  const waits = await hotWaits(waiting, perSecond);
  const wait = (what: string, value: number) => {
    const standing = `${String(waiting)} calls of the sweep in line, ${String(perSecond)} a second`;
    return { id: 'P8', what: `${standing}: ${what}`, value: value / 1000, unit: 's' };
  };
  return [
    atMost(2, wait('a hot call is sent, at the latest', Math.max(...waits))),
    reference(wait('a hot call is sent, median', median(waits))),
    ...(await used('good timers', { lateMs: 2, gate: 98 })),
    ...(await used('timers up to 20 ms late', { lateMs: 20, gate: 90 })),
    ...(await halved()),
  ];
};

const share = (what: string, value: number) => ({ id: 'P9', what, value: value * 100, unit: '%' });
const calls = (what: string, value: number) => ({ id: 'P9', what, value, unit: 'calls' });

async function used(
  how: string,
  { lateMs, gate }: { readonly lateMs: number; readonly gate: number },
): Promise<readonly Row[]> {
  const found = await useBudget({ perSecond, lateMs, jitterMs: 10, seed: 1 }, seconds);
  return [
    atLeast(gate, share(`rate used while there is work, ${how}`, found.share)),
    atMost(perSecond, calls(`most calls in any one second, ${how}`, found.mostInSecond)),
    exactly(0, calls(`refused by a platform that allows the rate, ${how}`, found.refused)),
  ];
}

async function halved(): Promise<readonly Row[]> {
  const allowed = perSecond / 2;
  const found = await useBudget({ perSecond, allowed, lateMs: 2, jitterMs: 10, seed: 1 }, seconds);
  const sent = found.share * perSecond * seconds;
  return [
    reference(
      share(
        'rate used of what a platform allows that allows half of ours',
        (sent - found.refused) / (allowed * seconds),
      ),
    ),
    reference(share('calls refused by it', found.refused / sent)),
  ];
}
