import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  derivedFingerprintKey,
  givenFingerprintKey,
} from '../../../src/secrets/fingerprint-key.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

describe('derivedFingerprintKey', () => {
  it('depends on the key and not on how its PEM is laid out', () => {
    const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' });
    const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' });

    expect(derivedFingerprintKey(createPrivateKey(pkcs1)).id).toBe(
      derivedFingerprintKey(createPrivateKey(pkcs8)).id,
    );
    expect(givenFingerprintKey(String(pkcs8)).id).toBe(derivedFingerprintKey(privateKey).id);
  });

  it('is another one for another key', () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

    expect(derivedFingerprintKey(other).id).not.toBe(derivedFingerprintKey(privateKey).id);
  });
});

describe('givenFingerprintKey', () => {
  it.each([
    { name: 'too short', text: 'fifteen bytes!!', why: 'it could be guessed' },
    {
      name: 'a broken PEM',
      text: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
      why: 'it was meant to be a key',
    },
  ])('refuses one that is $name', ({ text, why }) => {
    expect(() => givenFingerprintKey(text), why).toThrow(
      expect.objectContaining({ code: 'SettingsInvalid' }),
    );
  });

  it('does not mind a line end', () => {
    expect(givenFingerprintKey('sixteen bytes ok\n').id).toBe(
      givenFingerprintKey('sixteen bytes ok').id,
    );
  });
});
