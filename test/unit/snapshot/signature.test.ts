import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { verifyingKey } from '../../../src/cli/composition/snapshot-keys.ts';
import { ageOf, proofOf, refuseOld } from '../../../src/cli/composition/snapshot-proof.ts';
import { readSnapshot } from '../../../src/core/snapshot/read.ts';
import { sealed, sealOf } from '../../../src/core/snapshot/signature.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { observed, written } from './world.ts';

const own = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const time = epochMs(Date.UTC(2026, 11, 24, 18, 5));
const commit = '4c1f9e2'.padEnd(40, '0');
const plain = written([observed([])]);
const file = sealed(plain, { time, commit }, own.privateKey);

function judged(text: string, key: KeyObject = own.publicKey) {
  return sealOf(Buffer.from(text), key);
}

describe('a signed snapshot', () => {
  it('is read like any other, and says when and at which commit it was made', () => {
    const { platforms, problems } = readSnapshot('platform.yaml', Buffer.from(file));

    expect(problems).toEqual([]);
    expect(platforms).toEqual(readSnapshot('platform.yaml', Buffer.from(plain)).platforms);
    expect(judged(file)).toEqual({ kind: 'signed', time, commit });
  });

  it('may be made where there is no repository', () => {
    const text = sealed(plain, { time, commit: undefined }, own.privateKey);

    expect(judged(text)).toEqual({ kind: 'signed', time, commit: undefined });
  });

  it.each([
    { name: 'another value', text: file.replace('M-77', 'M-78'), why: 'it decides who gets paid' },
    {
      name: 'another time',
      text: file.replace('time=2026', 'time=2027'),
      why: 'an old snapshot would be young for ever',
    },
    { name: 'another commit', text: file.replace('commit=4', 'commit=5'), why: 'it is shown' },
    {
      name: 'something before it',
      text: `---\nkind: Snapshot\n${file}`,
      why: 'all of the file is read',
    },
    { name: 'something after it', text: `${file}---\nkind: Snapshot\n`, why: 'it would be read' },
    { name: 'a comment after it', text: `${file}# harmless\n`, why: 'one form, and no other' },
    {
      name: 'two signatures',
      text: sealed(file, { time, commit }, other.privateKey),
      why: 'the last one counts',
    },
    { name: 'other line ends', text: file.replaceAll('\n', '\r\n'), why: 'bytes are signed' },
    { name: 'half a signature', text: file.slice(0, -20), why: 'the file was cut' },
    {
      name: 'a signature that is none',
      text: file.replace(/ed25519=.{86}/, `ed25519=${'A'.repeat(86)}`),
      why: 'nobody signed',
    },
  ])('with $name is refused: $why', ({ text }) => {
    expect(text).not.toBe(file);
    expect(judged(text)).toEqual({ kind: 'refused' });
  });

  it('is refused where another key is believed', () => {
    expect(judged(file, other.publicKey)).toEqual({ kind: 'refused' });
  });

  it('is not signed without its line, whatever a value says', () => {
    const quoted = plain.replace('Coffee', '"# fairlead-signature v=1"');

    expect(judged(plain)).toEqual({ kind: 'unsigned' });
    expect(judged(quoted)).toEqual({ kind: 'unsigned' });
  });

  it('with any byte of it changed is refused', () => {
    const bytes = Buffer.from(file);
    const believed = Array.from(bytes.keys()).filter((at) => {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      return sealOf(changed, own.publicKey).kind === 'signed';
    });

    // The id of the key is for people: the signature decides.
    const id = file.indexOf(' key=') + 5;
    expect(believed.filter((at) => at < id || at >= id + 16)).toEqual([]);
  });
});

const hours = (count: number): number => count * 3_600_000;

describe('what a review demands of a snapshot', () => {
  const { platforms } = readSnapshot('platform.yaml', Buffer.from(file));
  const demand = { key: own.publicKey, maxAgeMs: ageOf(undefined, true) };
  const seal = proofOf('platform.yaml', Buffer.from(file), demand);
  const judge = (ageMs: number, maxAgeMs = demand.maxAgeMs) => {
    refuseOld('platform.yaml', { platforms, seal }, { ...demand, maxAgeMs }, epochMs(time + ageMs));
  };

  it('a signature, where a key is given', () => {
    expect(() => proofOf('p.yaml', Buffer.from(plain), demand)).toThrow(
      expect.objectContaining({ code: 'SnapshotUnsigned' }),
    );
    expect(() => proofOf('p.yaml', Buffer.from(`${file} `), demand)).toThrow(
      expect.objectContaining({ code: 'SnapshotTampered' }),
    );
    expect(proofOf('p.yaml', Buffer.from(plain), { ...demand, key: undefined })).toBeUndefined();
  });

  it.each([
    { name: 'an hour old', ageMs: hours(1), maxAgeMs: undefined, isRefused: false },
    { name: 'a day and an hour old', ageMs: hours(25), maxAgeMs: hours(24), isRefused: true },
    { name: 'a day old, an hour allowed', ageMs: hours(24), maxAgeMs: hours(1), isRefused: true },
    {
      name: 'of a clock that is a bit ahead',
      ageMs: -60_000,
      maxAgeMs: hours(24),
      isRefused: false,
    },
    { name: 'of tomorrow', ageMs: -hours(24), maxAgeMs: hours(24), isRefused: true },
  ])('youth: one $name, refused: $isRefused', ({ ageMs, maxAgeMs, isRefused }) => {
    const demanded = () => judge(ageMs, maxAgeMs);

    if (isRefused) expect(demanded).toThrow(expect.objectContaining({ code: 'SnapshotTooOld' }));
    else expect(demanded).not.toThrow();
  });

  it('24 hours where a key is demanded, and else what is said', () => {
    expect(ageOf(undefined, true)).toBe(hours(24));
    expect(ageOf(undefined, false)).toBeUndefined();
    expect(ageOf('90m', true)).toBe(hours(1.5));
    expect(() => ageOf('soon', true)).toThrow(expect.objectContaining({ code: 'Usage' }));
  });
});

describe('the key that snapshots are verified with', () => {
  it('is never the private one: whoever can read it could sign', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-key-'));
    const pem = (key: KeyObject, type: 'pkcs8' | 'spki') => key.export({ type, format: 'pem' });
    await writeFile(join(folder, 'private.pem'), pem(own.privateKey, 'pkcs8'));
    await writeFile(join(folder, 'public.pem'), pem(own.publicKey, 'spki'));

    const good = await verifyingKey(join(folder, 'public.pem'), undefined);
    const bad = verifyingKey(join(folder, 'private.pem'), undefined);

    await expect(bad).rejects.toMatchObject({ code: 'KeyInvalid' });
    expect(good.equals(own.publicKey)).toBe(true);
    await rm(folder, { recursive: true });
  });
});
