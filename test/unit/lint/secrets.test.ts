import { describe, expect, it } from 'vitest';
import { looksLikeSecret } from '../../../src/core/lint/secrets.ts';

/** Put together here, so that no scanner takes this file for a leak. */
const join = (...parts: readonly string[]): string => parts.join('');

describe('looksLikeSecret', () => {
  it.each([
    { name: 'API_KEY', value: 'hunter2hunter2', why: 'its name says so' },
    { name: 'apiKey', value: 's3cr3tvalue', why: 'its name says so in another form' },
    { name: 'DB_PASSWORD', value: 'correct horse', why: 'its name says so' },
    { name: 'CLIENT_SECRET', value: 'abcdef123', why: 'its name says so' },
    { name: 'ACCESS_TOKEN', value: 'abc-def-123', why: 'its name says so' },
    { name: 'X', value: join('AKIA', 'IOSFODNN7EXAMPLE'), why: 'a key id of a cloud' },
    { name: 'X', value: join('gh', 'p_', 'a1B2'.repeat(9)), why: 'a token of a forge' },
    {
      name: 'X',
      value: join('sk', '_live_', '4eC39HqLyjWDarjtT1zdp7dc'),
      why: 'a key of a payment service',
    },
    {
      name: 'X',
      value: join(
        'eyJhbGciOiJIUzI1NiJ9',
        '.eyJzdWIiOiIxMjM0NTY3ODkwIn0.',
        'dozjgNryP4J3jVmNHl0w5N',
      ),
      why: 'a signed token',
    },
    { name: 'X', value: join('-----BEGIN ', 'PRIVATE KEY-----'), why: 'a private key' },
    {
      name: 'DATABASE',
      value: 'postgres://shop:hunter2@db.example/shop',
      why: 'a password inside a URL',
    },
    { name: 'X', value: 'q7Zp0Lw3Xv9Rt2Ky8Nd5Mb1Cs6', why: 'nobody writes such a word' },
    { name: 'X', value: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b', why: 'nor such a number' },
  ])('$name with $value: $why', ({ name, value, why }) => {
    expect(looksLikeSecret(name, value), why).toBe(true);
  });

  it.each([
    { name: 'PAYMENT_HOST', value: 'https://pay.acme.example', why: 'a URL' },
    {
      name: 'TOKEN_URL',
      value: 'https://auth.acme.example/token',
      why: 'a URL under a telling name',
    },
    { name: 'TOKEN_HOST', value: 'auth.acme.example', why: 'a host under a telling name' },
    { name: 'API_KEY', value: 'none', why: 'there is none' },
    { name: 'API_KEY', value: '12345', why: 'too short for one' },
    { name: 'THEME', value: 'dark', why: 'a word' },
    { name: 'KEYBOARD', value: 'qwertz-layout', why: 'key is only part of the word' },
    { name: 'TOKENIZER', value: 'whitespace', why: 'token is only part of the word' },
    {
      name: 'FEATURES',
      value: 'new-checkout-flow-2,loyalty-cards',
      why: 'words, long as they are',
    },
    { name: 'BUILD', value: '20261122173000000000000000', why: 'a number' },
    { name: 'CURRENCIES', value: 'EUR,USD,GBP,JPY,CHF,SEK,NOK', why: 'a list' },
  ])('$name with $value: $why', ({ name, value, why }) => {
    expect(looksLikeSecret(name, value), why).toBe(false);
  });
});
