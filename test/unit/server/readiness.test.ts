import { describe, expect, it } from 'vitest';

import type { ConnectionStatus, SourceStatus } from '../../../src/core/model/controller.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { readiness } from '../../../src/server/readiness.ts';
import { connection, now, source, status } from './board.ts';

const minute = 60_000;
const calmText = 'source calm: read, and nothing in it';
const trouble = { code: 'PlatformUnavailable', message: 'cannot connect' } as const;

const swept = (
  agoMs: number,
  rest: Partial<ConnectionStatus> = {},
): { readonly connections: readonly ConnectionStatus[] } => {
  const sweptAt = epochMs(now - agoMs);
  const nextSweepAt = epochMs(sweptAt + 5 * minute);
  return { connections: [connection({ sweptAt, nextSweepAt, ...rest })] };
};
/** Always there; in the way of nothing else that is told. */
const calm = source({ name: 'calm' });
const read = (rest: Partial<SourceStatus>): { readonly sources: readonly SourceStatus[] } => ({
  sources: [source(rest)],
});

describe('readiness', () => {
  it.each([
    {
      name: 'a sweep within three intervals',
      why: 'one that is late, or failed twice, is no outage',
      board: swept(15 * minute),
      expected: [[true, 'connection main: swept 15 min ago']],
    },
    {
      name: 'no sweep within three intervals',
      why: 'drift is no longer seen',
      board: swept(15 * minute + 1000),
      expected: [[false, 'connection main: swept 15 min ago, due every 5 min']],
    },
    {
      name: 'an old sweep, and failures since',
      why: 'the next attempt is always soon: it says nothing of the interval',
      board: swept(40 * minute, { state: 'Failing', trouble, nextSweepAt: epochMs(now + 1000) }),
      expected: [[false, 'connection main: swept 40 min ago, due every 5 min: cannot connect']],
    },
    {
      name: 'an interval of a day, told by the connection',
      why: 'a schedule may be rare, and a failure must not shorten it',
      board: swept(40 * minute, { state: 'Failing', trouble, sweepIntervalMs: 1440 * minute }),
      expected: [[true, 'connection main: swept 40 min ago']],
    },
    {
      name: 'a sweep of a time to come',
      why: 'the clock was set back: how old it is nobody knows',
      board: swept(-1440 * minute, { state: 'Failing', trouble }),
      expected: [
        [false, 'connection main: swept 24 h ahead of this clock, due every 5 min: cannot connect'],
      ],
    },
    {
      name: 'a sweep of a moment to come',
      why: 'clocks are set by a little all the time',
      board: swept(-2000),
      expected: [[true, 'connection main: swept 0 s ago']],
    },
    {
      name: 'never swept',
      why: 'nothing of the platform is known yet',
      board: { connections: [connection({ state: 'Failing', trouble })] },
      expected: [[false, 'connection main: not swept yet: cannot connect']],
    },
    {
      name: 'never swept, and nothing to watch',
      why: 'a platform of which nothing is declared is never read',
      board: { connections: [connection({ programs: 0, state: 'Starting' })] },
      expected: [[true, 'connection main: no programs']],
    },
    {
      name: 'nothing followed at all',
      why: 'so it is at the very start, before anything is known',
      board: { sources: [] },
      expected: [[false, 'controller: no source is followed yet']],
    },
    {
      name: 'a source not read yet',
      why: 'nobody knows what is declared',
      board: read({ state: 'Reading' }),
      expected: [[false, 'source shop: not read yet']],
    },
    {
      name: 'a source that was never read and fails',
      why: 'the words say why, without the credential of the URL',
      board: read({
        state: 'Failing',
        trouble: {
          code: 'SourceUnavailable',
          message: 'cannot read\nhttps://bot:canary@git.example.com/shop.git',
        },
      }),
      expected: [
        [false, 'source shop: not read yet: cannot read https://git.example.com/shop.git'],
      ],
    },
    {
      name: 'a source that was read and fails now',
      why: 'what was read stays in force, also after a start while the remote is away',
      board: read({ state: 'Failing', commit: { id: 'a'.repeat(40) } }),
      expected: [[true, 'source shop: read']],
    },
  ])('$name', ({ board, expected, why }) => {
    const checks = readiness(status({ connections: [], sources: [calm], ...board }), now);

    expect(
      checks.map(({ ready, text }) => [ready, text]).filter(([, text]) => text !== calmText),
      why,
    ).toEqual(expected);
  });
});
