import { breachesOf, missing, type Case } from './loop-judge.ts';
import type { Universe } from './loop-universe.ts';

/** What became of a world after its faults stopped. */
export interface Verdict {
  readonly breaches: readonly string[];
  readonly trace: readonly string[];
}

const sweepMs = 10_000;
/** A write that was refused for good rests an hour; everything else is over much sooner. */
const atMostMs = 4_500_000;

/**
 * Faults have stopped and declarations rest: equal within a bounded time, and then nothing is written for ten sweeps.
 */
export async function concluded(of: Case & { readonly isQuarrel?: boolean }): Promise<Verdict> {
  const { universe } = of;
  const { time, wire } = universe;
  const isEqual = () => of.isQuarrel === true || missing(universe).length === 0;
  universe.strikes = () => undefined;
  let quietMs = 0;
  for (let waited = 0; waited < atMostMs && quietMs < 5 * sweepMs; waited += sweepMs) {
    const before = wire.attempts.length;
    await time.advance(sweepMs);
    quietMs = wire.attempts.length === before && isEqual() ? quietMs + sweepMs : 0;
  }
  const before = wire.attempts.length;
  await time.advance(10 * sweepMs);
  const restless = wire.attempts.slice(before);
  await stopped(universe);
  return {
    breaches: [
      ...breachesOf(of),
      ...(of.isQuarrel ? [] : missing(universe)).map((what) => `I3 ${what}`),
      ...restless.map(({ operation, key }) => `I5 still wrote: ${operation} ${key}`),
    ],
    trace: universe.trace,
  };
}

async function stopped({ machines, time }: Universe): Promise<void> {
  const ends = machines.map((machine) => machine.stop());
  await time.advance(120_000);
  await Promise.all(ends);
}
