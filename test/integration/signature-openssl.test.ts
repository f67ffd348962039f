import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readPrivateKey, readPublicKey } from '../../src/protocol/keys.ts';
import { sign, signatureEncodings, verify } from '../../src/protocol/signature.ts';

const run = promisify(execFile);

const message = {
  path: '/api/open/v1/releases/create',
  clientId: 'fairlead-ci',
  time: '2026-01-02T03:04:05.678Z',
  body: '{"workspace":"acme","note":"Käffee ☕"}',
};
// Written out: openssl must agree on the bytes, not on our function that makes them.
const text =
  'POST /api/open/v1/releases/create\n' +
  'fairlead-ci.2026-01-02T03:04:05.678Z.{"workspace":"acme","note":"Käffee ☕"}';

let dir = '';
const at = (name: string) => join(dir, name);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fairlead-openssl-'));
  const rsa = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'];
  await run('openssl', ['genpkey', ...rsa, '-out', at('key.pem')]);
  await run('openssl', ['pkey', '-in', at('key.pem'), '-pubout', '-out', at('pub.pem')]);
  await writeFile(at('text'), text);
});

afterAll(() => rm(dir, { recursive: true, force: true }));

describe('the openssl command', () => {
  it.each(signatureEncodings.map((encoding) => ({ encoding })))(
    'verifies what we sign as $encoding',
    async ({ encoding }) => {
      const key = readPrivateKey(await readFile(at('key.pem'), 'utf8'));

      const base64 = decodeURIComponent(sign(message, key, encoding));

      await writeFile(at('ours.sig'), Buffer.from(base64, 'base64'));
      const verdict = await run('openssl', [
        ...['dgst', '-sha256', '-verify', at('pub.pem'), '-signature', at('ours.sig'), at('text')],
      ]);
      expect(verdict.stdout).toBe('Verified OK\n');
    },
  );

  it('signs what we verify, in every encoding', async () => {
    await run('openssl', [
      ...['dgst', '-sha256', '-sign', at('key.pem'), '-out', at('theirs.sig'), at('text')],
    ]);
    const bytes = await readFile(at('theirs.sig'));
    const key = readPublicKey(await readFile(at('pub.pem'), 'utf8'));

    expect(verify(message, bytes.toString('base64'), key)).toBe(true);
    expect(verify(message, bytes.toString('base64url'), key)).toBe(true);
    expect(verify(message, encodeURIComponent(bytes.toString('base64')), key)).toBe(true);
    expect(verify({ ...message, body: '{}' }, bytes.toString('base64'), key)).toBe(false);
  });
});
