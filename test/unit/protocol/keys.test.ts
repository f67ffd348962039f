import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { readPrivateKey, readPublicKey } from '../../../src/protocol/keys.ts';

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pkcs8 = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const pkcs1 = keys.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const spki = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const bare = (pem: string) => pem.replaceAll(/-----[^-]+-----|\n/g, '');

describe('keys', () => {
  it.each([
    { name: 'PKCS#8 PEM', text: pkcs8 },
    { name: 'PKCS#1 PEM', text: pkcs1 },
    { name: 'bare base64 of PKCS#8', text: bare(pkcs8) },
    { name: 'blanks around it', text: `\n ${pkcs8}\n` },
  ])('a private key is read from $name', ({ text }) => {
    expect(readPrivateKey(text).equals(keys.privateKey)).toBe(true);
  });

  it.each([
    { name: 'PEM', text: spki },
    { name: 'bare base64', text: bare(spki) },
  ])('a public key is read from $name', ({ text }) => {
    expect(readPublicKey(text).equals(keys.publicKey)).toBe(true);
  });

  it.each([
    { name: 'noise', read: () => readPrivateKey('canary-secret') },
    { name: 'a public key where ours belongs', read: () => readPrivateKey(spki) },
    { name: 'our private key where the public one belongs', read: () => readPublicKey(pkcs8) },
    {
      name: 'another curve',
      read: () => readPublicKey(curve.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    },
    {
      name: 'too few bits',
      read: () => readPublicKey(small.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    },
  ])('$name is refused without quoting it', ({ read }) => {
    expect(read).toThrow(RangeError);
    expect(read).not.toThrow(/canary/);
  });
});
