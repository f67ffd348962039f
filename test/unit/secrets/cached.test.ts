import { describe, expect, it } from 'vitest';

import { fingerprintIndex, type SecretVerdict } from '../../../src/core/model/observed.ts';
import { FingerprintKey } from '../../../src/core/words/digests.ts';
import { ReconcileError } from '../../../src/core/words/errors.ts';
import { reveal, SecretText } from '../../../src/core/words/secret-text.ts';
import type { SecretStore, WantedSecret } from '../../../src/ports/index.ts';
import { cachedSecrets } from '../../../src/secrets/cached.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const never = new AbortController().signal;
const key = new FingerprintKey(new Uint8Array(32).fill(1));
const intervalMs = 60_000;

function wanted(name: string, source = 'coffee'): WantedSecret {
  return { source, ref: { name, key: 'value' } };
}

const [a, b] = [wanted('a'), wanted('b')];

/** Holds values by name, counts what it is asked, and may be down or slow. */
function createStore(values: Record<string, string>) {
  const state = { reads: [] as string[], failure: undefined as Error | undefined };
  let gate: Promise<void> = Promise.resolve();
  const open = ({ ref }: WantedSecret): SecretText => {
    const value = values[ref.name];
    if (value !== undefined) return new SecretText(value);
    throw new ReconcileError('SecretUnavailable', `no ${ref.name}`);
  };
  const verdictOf = (each: WantedSecret): SecretVerdict => {
    if (values[each.ref.name] === undefined)
      return { state: 'unavailable', message: `no ${each.ref.name}` };
    return { state: 'known', fingerprints: { [key.id]: key.fingerprint(open(each)) } };
  };
  const store: SecretStore = {
    async fingerprints(connection, asked, signal) {
      state.reads.push(`${connection}: ${asked.map(({ ref }) => ref.name).join(' ')}`);
      await gate;
      signal.throwIfAborted();
      if (state.failure) throw state.failure;
      const entries = asked.map(
        (each) => [fingerprintIndex(each.source, each.ref), verdictOf(each)] as const,
      );
      return { key, previous: [], secrets: Object.fromEntries(entries) };
    },
    open: async (source, ref) => open({ source, ref }),
  };
  return {
    store,
    state,
    values,
    /** Answers wait until the returned function is called. */
    hold: () => {
      let release: () => void = () => undefined;
      gate = new Promise((resolve) => (release = resolve));
      return release;
    },
  };
}

function createCached(values: Record<string, string> = { a: 'one', b: 'two' }) {
  const clock = createVirtualClock();
  const held = createStore(values);
  const secrets = cachedSecrets(held.store, { clock, intervalMs });
  const ask = async (asked: readonly WantedSecret[], connection = 'default') => {
    const { secrets: verdicts } = await secrets.fingerprints(connection, asked, never);
    return asked.map(({ source, ref }) => verdicts[fingerprintIndex(source, ref)]);
  };
  return { ...held, clock, secrets, ask };
}

function known(value: string): SecretVerdict {
  return { state: 'known', fingerprints: { [key.id]: key.fingerprint(new SecretText(value)) } };
}

describe('at most one read for each secret and interval', () => {
  it('gives the key of a connection also to somebody who wants no secret', async () => {
    const { secrets } = createCached();

    const { key: given } = await secrets.fingerprints('default', [], never);

    expect(given?.id).toBe(key.id);
  });

  it('serves everybody from it, and reads only what is missing', async () => {
    const { ask, state } = createCached();

    expect(await ask([a])).toEqual([known('one')]);
    expect(await ask([a, b])).toEqual([known('one'), known('two')]);
    expect(await ask([b, a])).toEqual([known('two'), known('one')]);

    expect(state.reads).toEqual(['default: a', 'default: b']);
  });

  it('gives the keys also where nothing was read', async () => {
    const { secrets } = createCached();
    await secrets.fingerprints('default', [a], never);

    expect((await secrets.fingerprints('default', [a], never)).key).toBe(key);
    expect((await secrets.fingerprints('default', [], never)).key).toBe(key);
  });

  it('reads again in the next interval, once, whoever comes first', async () => {
    const { ask, state, clock, secrets } = createCached();
    await ask([a, b]);

    await clock.advance(intervalMs);
    await ask([a]);
    await secrets.refresh(never);
    await ask([a, b]);

    expect(state.reads).toEqual(['default: a b', 'default: a', 'default: b']);
  });

  it('shares a read that is under way', async () => {
    const { ask, state, hold } = createCached();
    const release = hold();

    const both = Promise.all([ask([a, b]), ask([b]), ask([a])]);
    release();

    expect(await both).toEqual([[known('one'), known('two')], [known('two')], [known('one')]]);
    expect(state.reads).toEqual(['default: a b']);
  });

  it('goes on for the others where the one who began it left', async () => {
    const { ask, secrets, hold } = createCached();
    const release = hold();
    const leaver = new AbortController();

    const first = secrets.fingerprints('default', [a], leaver.signal);
    const second = ask([a]);
    leaver.abort(new Error('left'));
    release();

    await expect(first).rejects.toThrow('left');
    expect(await second).toEqual([known('one')]);
  });

  it('keeps connections apart: each has its own keys', async () => {
    const { ask, state } = createCached();

    await ask([a], 'one');
    await ask([a], 'two');

    expect(state.reads).toEqual(['one: a', 'two: a']);
  });

  it('keeps sources apart: a name means what is mapped for each', async () => {
    const { ask, state } = createCached();

    await ask([wanted('a', 'coffee')]);
    await ask([wanted('a', 'tea')]);

    expect(state.reads).toEqual(['default: a', 'default: a']);
  });
});

describe('a rotation', () => {
  it('is told once, by name, within an interval', async () => {
    const { ask, values, clock, secrets } = createCached();
    await ask([a, b]);
    values['a'] = 'rotated';

    expect(await secrets.refresh(never), 'read in this interval already').toEqual([]);
    await clock.advance(intervalMs);
    expect(await secrets.refresh(never)).toEqual([a]);
    expect(await ask([a])).toEqual([known('rotated')]);
    await clock.advance(intervalMs);
    expect(await secrets.refresh(never)).toEqual([]);
  });

  it('is told also where a pass noticed it first: other programs may use it', async () => {
    const { ask, values, clock, secrets } = createCached();
    await ask([a]);
    values['a'] = 'rotated';

    await clock.advance(intervalMs);
    expect(await ask([a])).toEqual([known('rotated')]);
    expect(await secrets.refresh(never)).toEqual([a]);
  });

  it('between plan and write opens the new value, and the next plan sees it', async () => {
    const { ask, values, state, secrets } = createCached();
    await ask([a]);
    values['a'] = 'rotated';

    expect(reveal(await secrets.open(a.source, a.ref, never))).toBe('rotated');
    expect(await ask([a])).toEqual([known('rotated')]);
    expect(await secrets.refresh(never)).toEqual([a]);
    expect(state.reads, 'nothing was read twice for it').toEqual(['default: a']);
  });

  it('to nothing is told, and so is the way back', async () => {
    const { ask, values, clock, secrets } = createCached();
    await ask([a]);

    delete values['a'];
    await expect(secrets.open(a.source, a.ref, never)).rejects.toMatchObject({
      code: 'SecretUnavailable',
    });
    expect(await ask([a])).toEqual([{ state: 'unavailable', message: 'no a' }]);
    expect(await secrets.refresh(never)).toEqual([a]);
    values['a'] = 'one';
    await clock.advance(intervalMs);
    expect(await secrets.refresh(never)).toEqual([a]);
    expect(await ask([a])).toEqual([known('one')]);
  });
});

describe('a store that is down', () => {
  it('makes verdicts unavailable until it is back', async () => {
    const { ask, state, clock, secrets } = createCached();
    await ask([a]);
    state.failure = new ReconcileError('PlatformUnavailable', 'the store is away');

    await clock.advance(intervalMs);
    expect(await secrets.refresh(never)).toEqual([a]);
    expect(await ask([a])).toEqual([{ state: 'unavailable', message: 'the store is away' }]);
    await clock.advance(intervalMs);
    expect(await secrets.refresh(never), 'still so is no news').toEqual([]);
    state.failure = undefined;
    await clock.advance(intervalMs);
    expect(await secrets.refresh(never)).toEqual([a]);
    expect(await ask([a])).toEqual([known('one')]);
  });

  it('lets a bug through', async () => {
    const { ask, state } = createCached();
    state.failure = new TypeError('a bug');

    await expect(ask([a])).rejects.toThrow(TypeError);
    state.failure = undefined;
    expect(await ask([a])).toEqual([known('one')]);
  });

  it('gives the reason of the signal', async () => {
    const { secrets } = createCached();

    await expect(
      secrets.fingerprints('default', [a], AbortSignal.abort(new Error('stopped'))),
    ).rejects.toThrow('stopped');
  });
});

it('forgets names that nobody can use and nobody asks for any more', async () => {
  const { ask, state, clock, secrets } = createCached({ a: 'one' });
  await ask([a, wanted('invented')]);

  for (let interval = 0; interval < 62; interval += 1) {
    await clock.advance(intervalMs);
    await secrets.refresh(never);
  }

  expect(state.reads.at(1)).toBe('default: a invented');
  expect(state.reads.at(-1)).toBe('default: a');
});
