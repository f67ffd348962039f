import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { effects, type Effect, type FaultRule } from '../../src/emulator/faults.ts';
import { openStage, type Got, type Stage } from './emulator-stage.ts';

const key = {
  ...{ workspace: 'acme', miniProgram: 'coffee', version: '1.0.0' },
  ...{ app: 'megapay', environment: 'Production' },
};
const create = 'v1/releases/create';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.emulator.close());
beforeEach(() => stage.reset());

/** What the other side sees under each fault; undefined: a cut connection. */
const seen: Readonly<Record<Effect, (got: Got | undefined) => boolean>> = {
  delay: (got) => got?.code === 'SUCCESS' && got.signed === 'fits',
  duplicate: (got) => got?.code === 'SUCCESS' && got.signed === 'fits',
  staleList: (got) => got?.code === 'SUCCESS',
  status: (got) => got?.status === 503 && got.signed === 'none',
  errorApplied: (got) => got?.status === 500 && got.signed === 'none',
  result: (got) => got?.code === 'PROCESS_FAIL' && got.signed === 'fits',
  tooMany: (got) => got?.status === 429 && got.headers['retry-after'] === '1',
  dropBefore: (got) => got === undefined,
  dropAfter: (got) => got === undefined,
  unknown: (got) => got?.code === 'UNKNOWN_EXCEPTION' && got.signed === 'fits',
  unknownApplied: (got) => got?.code === 'UNKNOWN_EXCEPTION' && got.signed === 'fits',
  accepted: (got) => got?.code === 'ACCEPTED',
  garbage: (got) => got?.status === 200 && got.code === undefined,
  errorBody: (got) => got?.status === 200 && got.text.startsWith('<html>'),
  truncated: (got) => got === undefined,
  trickle: (got) => got?.code === 'SUCCESS' && got.signed === 'fits',
  badSignature: (got) => got?.code === 'SUCCESS' && got.signed === 'forged',
  missingSignature: (got) => got?.code === 'SUCCESS' && got.signed === 'none',
  wrongType: (got) => got?.headers['content-type'] === 'text/html',
  hugeBody: (got) => (got?.text.length ?? 0) > 2 << 20 && got?.code === 'SUCCESS',
};
const details: Readonly<Partial<Record<Effect, Partial<FaultRule>>>> = {
  status: { status: 503 },
  result: { resultCode: 'PROCESS_FAIL' },
  hugeBody: { megabytes: 2 },
  delay: { delayMs: 5 },
};

/** The faults of both creates, where they are not that of the first alone. */
const logged: Readonly<Partial<Record<Effect, readonly string[]>>> = {
  duplicate: ['duplicate', 'duplicate', 'none'],
  // A write is never answered from an old state.
  staleList: ['none', 'none'],
};

describe('faults', () => {
  const cases = Object.keys(effects).map((name, index) => ({ effect: name as Effect, index }));

  it.each(cases)('$effect', async ({ effect, index }) => {
    const rule = { effect, operation: 'createRelease', times: 1, ...details[effect] };
    await stage.console('setApp', { app: `app${index}` });
    await stage.console('faults', { rules: [rule] });
    const body = { ...key, app: `app${index}`, config: {}, requestId: effect };
    const size = stage.emulator.host.world().releases.size;

    const got = await stage.send({ route: create, body });

    const made = stage.emulator.host.world().releases.size - size;
    expect(seen[effect](got), JSON.stringify(got)?.slice(0, 300)).toBe(true);
    expect(made, 'whether it happened').toBe(Math.min(1, effects[effect].performs));
    const again = await stage.send({ route: create, body });
    expect(again?.code, 'the same request id settles it').toBe('SUCCESS');
    expect(stage.emulator.host.world().releases.size - size).toBe(1);
    const log = (await stage.calls()).filter(({ operation }) => operation === 'createRelease');
    expect(log.map(({ http }) => http.fault ?? 'none')).toEqual(logged[effect] ?? [effect, 'none']);
  });

  it('strike the named operation, from the nth call on, so many times', async () => {
    const rule = { effect: 'unknown', operation: 'listReleases', nth: 2, times: 2 };
    await stage.console('faults', { rules: [rule] });
    const codes: (string | undefined)[] = [];

    for (let i = 0; i < 5; i += 1) codes.push((await stage.send())?.code);
    const other = await stage.send({ route: 'v1/platform/get', body: {} });

    const u = 'UNKNOWN_EXCEPTION';
    expect(codes).toEqual(['SUCCESS', u, u, 'SUCCESS', 'SUCCESS']);
    expect(other?.code).toBe('SUCCESS');
  });

  it('strike the same calls under the same seed', async () => {
    const run = async (seed: number) => {
      await stage.console('faults', { seed, rules: [{ effect: 'unknown', probability: 0.5 }] });
      const codes: (string | undefined)[] = [];
      for (let i = 0; i < 24; i += 1) codes.push((await stage.send())?.code);
      return codes.join();
    };

    const first = await run(11);

    expect(await run(11)).toBe(first);
    expect(await run(12)).not.toBe(first);
  });

  it('staleList shows the state of before', async () => {
    await stage.console('uploadVersion', {
      workspace: 'acme',
      miniProgram: 'coffee',
      version: '9.0.0',
    });
    await stage.console('faults', { rules: [{ effect: 'staleList', back: 1, times: 1 }] });
    const route = 'v1/versions/list';
    const body = { workspace: 'acme', miniProgram: 'coffee' };

    const stale = JSON.parse((await stage.send({ route, body }))?.text ?? '');
    const fresh = JSON.parse((await stage.send({ route, body }))?.text ?? '');

    expect(stale.versions).toEqual(['1.0.0', '1.1.0']);
    expect(fresh.versions).toEqual(['1.0.0', '1.1.0', '9.0.0']);
  });
});
