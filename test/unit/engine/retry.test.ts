import { describe, expect, it } from 'vitest';
import { ReconcileError, type ErrorCode } from '../../../src/core/words/errors.ts';
import { repeatRead } from '../../../src/engine/retry.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

function waiting() {
  const clock = createVirtualClock({ auto: true });
  return { clock, random: { next: () => 0.5 }, telemetry: { emit: () => undefined } };
}

const never = new AbortController().signal;

/** Fails so often with the code, then answers. */
function flaky(failures: number, code: ErrorCode, retryAfterMs?: number) {
  const state = { calls: 0 };
  const read = async (): Promise<string> => {
    state.calls += 1;
    if (state.calls <= failures) {
      throw new ReconcileError(code, 'no', retryAfterMs === undefined ? {} : { retryAfterMs });
    }
    return 'yes';
  };
  return { read, state };
}

describe('repeatRead', () => {
  it.each([
    { code: 'PlatformUnavailable', calls: 3, why: 'it may be back in a second' },
    { code: 'RateLimited', calls: 3, why: 'it was told to wait' },
    { code: 'OutcomeUnknown', calls: 3, why: 'a read changes nothing, so it may be repeated' },
    { code: 'ResponseUntrusted', calls: 3, why: 'one forged answer is not the last word' },
    { code: 'ListExpired', calls: 3, why: 'the list starts again' },
  ] as const)('$code is repeated until it works', async ({ code, calls, why }) => {
    const { read, state } = flaky(2, code);

    await expect(repeatRead(read, waiting(), never)).resolves.toBe('yes');
    expect(state.calls, why).toBe(calls);
  });

  it.each([
    { code: 'AccessDenied', why: 'the right will not appear within seconds' },
    { code: 'SignatureRefused', why: 'nor will another key' },
    { code: 'PlatformRefused', why: 'nor will the answer change' },
  ] as const)('$code is thrown at once', async ({ code, why }) => {
    const { read, state } = flaky(1, code);

    await expect(repeatRead(read, waiting(), never)).rejects.toMatchObject({ code });
    expect(state.calls, why).toBe(1);
  });

  it('gives up after four attempts, backing off exponentially with jitter', async () => {
    const { read, state } = flaky(99, 'PlatformUnavailable');
    const ports = waiting();

    await expect(repeatRead(read, ports, never)).rejects.toMatchObject({
      code: 'PlatformUnavailable',
    });
    expect(state.calls).toBe(4);
    expect(ports.clock.slept).toEqual([375, 750, 1500]);
  });

  it('never waits less than the platform asked for', async () => {
    const { read } = flaky(1, 'RateLimited', 7_000);
    const ports = waiting();

    await repeatRead(read, ports, never);

    expect(ports.clock.slept).toEqual([7_000]);
  });

  it('does not wait for an hour: the failure is told instead', async () => {
    const { read, state } = flaky(1, 'RateLimited', 3_600_000);
    const ports = waiting();

    await expect(repeatRead(read, ports, never)).rejects.toMatchObject({ code: 'RateLimited' });
    expect([state.calls, ports.clock.slept]).toEqual([1, []]);
  });

  it('stops when it is told to stop', async () => {
    const stop = new AbortController();
    const { read, state } = flaky(99, 'PlatformUnavailable');
    const ports = { ...waiting(), clock: createVirtualClock() };
    const reading = repeatRead(read, ports, stop.signal);
    await Promise.resolve();
    stop.abort(new Error('stop'));

    await expect(reading).rejects.toThrow('stop');
    expect(state.calls).toBe(1);
  });

  it('lets a bug through', async () => {
    const bug = async (): Promise<never> => {
      throw new TypeError('bug');
    };

    await expect(repeatRead(bug, waiting(), never)).rejects.toBeInstanceOf(TypeError);
  });
});
