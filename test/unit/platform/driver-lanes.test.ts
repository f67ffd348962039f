import { describe, expect, it } from 'vitest';

import type { PlatformWrite, RequestId } from '../../../src/core/model/write.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { ReconcileError } from '../../../src/core/words/errors.ts';
import type { Clock } from '../../../src/ports/index.ts';
import { driverOver, key, never, platformAnswer, record, success } from './fake-platform.ts';

/** A clock that a turn in line moves. */
function waitingClock() {
  let mono = 0;
  const clock: Clock = {
    wall: () => epochMs(1_767_323_045_000 + mono),
    mono: () => mono,
    sleep: () => Promise.reject(new Error('the driver never waits')),
  };
  const turn = (): Promise<void> => {
    mono += 100_000;
    return Promise.resolve();
  };
  return { clock, turn };
}

describe('a turn in line', () => {
  it('is waited for before a call is signed, and is no part of the call', async () => {
    const { driver, sent, events } = driverOver([{ body: { ...success, release: null } }], {
      ports: waitingClock(),
    });

    await driver.release(key, never);

    // Two turns: of getPlatform and of this call.
    expect(sent[0]?.request.headers['Request-Time']).toBe('2026-01-02T03:07:25.000Z');
    expect(events.map((event) => event.kind === 'call' && event.ms)).toEqual([0, 0]);
  });

  it('that is refused sends nothing and is told as no call', async () => {
    const refused = new ReconcileError('RateLimited', 'not now', { retryAfterMs: 100_000 });
    const { driver, sent, events } = driverOver([], {
      ports: { turn: () => Promise.reject(refused) },
    });

    await expect(driver.release(key, never)).rejects.toBe(refused);

    expect(sent).toEqual([]);
    expect(events).toEqual([]);
  });
});

describe('two drivers of one connection', () => {
  it('ask once what the platform is', async () => {
    const ports = { learnt: {} };
    const answer = { body: { ...success, release: null } };
    const [hot, sweep] = [driverOver([answer], { ports }), driverOver([answer], { ports })];

    await Promise.all([hot.driver.release(key, never), sweep.driver.release(key, never)]);

    const calls = [...hot.events, ...sweep.events].map(
      (event) => event.kind === 'call' && event.operation,
    );
    expect(calls).toEqual(['getPlatform', 'getRelease', 'getRelease']);
  });

  it('both know that marks do not stay once one of them has seen it', async () => {
    const ports = { learnt: {} };
    const platform = platformAnswer();
    const hot = driverOver([{ body: { ...success, release: record({ revision: '2' }) } }], {
      platform,
      ports,
    });
    const sweep = driverOver([], { platform, ports });
    const write: PlatformWrite = { operation: 'createRelease', key, config: {}, mark: 'm' };

    await hot.driver.write(write, 'i'.repeat(43) as RequestId, never);

    expect((await sweep.driver.platform(never)).capabilities.marks).toBe(false);
  });
});
