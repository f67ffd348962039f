import { Buffer } from 'node:buffer';
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import {
  createSigner,
  createVerifier,
  formatSignature,
  parseSignature,
  sign,
  signatureEncodings,
  stringToSign,
  verify,
} from '../../../src/protocol/signature.ts';

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const others = generateKeyPairSync('rsa', { modulusLength: 2048 });

const message = {
  path: '/api/v1/releases/get',
  clientId: 'TEST_5X00000000000000',
  time: '2019-04-04T12:08:56.253+05:30',
  body: '{"a":"ü"}',
};

describe('stringToSign', () => {
  it.each([
    {
      name: 'one space, one LF, two dots, the body untouched',
      why: 'docs/platform-api.md: POST <http-uri> LF <client-id>.<request-time>.<request-body>',
      message,
      expected:
        '504f5354202f6170692f76312f72656c65617365732f6765740a' +
        '544553545f35583030303030303030303030303030' +
        '2e323031392d30342d30345431323a30383a35362e3235332b30353a3330' +
        '2e7b2261223a22c3bc227d',
    },
    {
      name: 'a query belongs to the path',
      why: 'the URI is path plus query without scheme and host',
      message: { path: '/v1/x?a=1', clientId: 'c', time: '1685599933871', body: '' },
      expected: Buffer.from('POST /v1/x?a=1\nc.1685599933871.').toString('hex'),
    },
    {
      name: 'bytes that are no UTF-8 stay as they came',
      why: 'a response is verified before it is decoded',
      message: { path: '/p', clientId: 'c', time: 't', body: Uint8Array.of(0xff, 0x00, 0x0a) },
      expected: '504f5354202f700a632e742eff000a',
    },
  ])('$name', ({ message: given, expected, why }) => {
    expect(Buffer.from(stringToSign(given)).toString('hex'), why).toBe(expected);
  });
});

describe('sign and verify', () => {
  it.each(signatureEncodings.map((encoding) => ({ encoding })))(
    'a signature sent as $encoding is understood',
    ({ encoding }) => {
      const text = sign(message, keys.privateKey, encoding);

      expect(verify(message, text, keys.publicKey)).toBe(true);
    },
  );

  it('writes each encoding as the header carries it', () => {
    const base64 = sign(message, keys.privateKey, 'base64');

    expect(base64).toMatch(/^[A-Za-z0-9+/]{342}==$/);
    expect(sign(message, keys.privateKey, 'urlEncodedBase64')).toBe(
      base64.replaceAll('+', '%2B').replaceAll('/', '%2F').replaceAll('=', '%3D'),
    );
    expect(sign(message, keys.privateKey, 'base64url')).toBe(
      base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
    );
  });

  it('is deterministic: PKCS#1 v1.5, not PSS', () => {
    expect(sign(message, keys.privateKey, 'base64')).toBe(sign(message, keys.privateKey, 'base64'));
  });

  const good = sign(message, keys.privateKey, 'base64');
  it.each([
    { name: 'another path', change: { path: '/api/v1/releases/list' } },
    { name: 'another client', change: { clientId: 'somebody' } },
    { name: 'another time', change: { time: '2019-04-04T12:08:56.254+05:30' } },
    { name: 'another body', change: { body: '{"a":"u"}' } },
    { name: 'a body with a trailing newline', change: { body: '{"a":"ü"}\n' } },
  ])('$name is not what was signed', ({ change }) => {
    expect(verify({ ...message, ...change }, good, keys.publicKey)).toBe(false);
  });

  it.each([
    { name: 'empty', text: '' },
    { name: 'not base64', text: 'ä'.repeat(344) },
    { name: 'a malformed escape', text: '%zz' },
    { name: 'cut', text: good.slice(0, -8) },
    { name: 'spaces inside', text: `${good.slice(0, 10)} ${good.slice(10)}` },
    { name: 'endless', text: 'A'.repeat(100_000) },
  ])('a signature that is $name is refused and does not throw', ({ text }) => {
    expect(verify(message, text, keys.publicKey)).toBe(false);
  });

  it('another key is refused', () => {
    expect(verify(message, good, others.publicKey)).toBe(false);
  });

  it('a key that is not RSA is a bug of the caller', () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });

    expect(() => sign(message, ec.privateKey)).toThrow(TypeError);
    expect(() => verify(message, good, ec.publicKey)).toThrow(TypeError);
  });
});

describe('the Signature header', () => {
  it('is written as the family writes it', () => {
    expect(formatSignature({ algorithm: 'RSA256', keyVersion: 1, signature: 'QQ%3D%3D' })).toBe(
      'algorithm=RSA256, keyVersion=1, signature=QQ%3D%3D',
    );
    expect(formatSignature({ algorithm: 'RSA256', signature: 'QQ==' })).toBe(
      'algorithm=RSA256, signature=QQ==',
    );
  });

  it.each([
    {
      name: 'as documented',
      header: 'algorithm=RSA256, keyVersion=2, signature=QQ%3D%3D',
      expected: { algorithm: 'RSA256', keyVersion: 2, signature: 'QQ%3D%3D' },
    },
    {
      name: 'no blanks, another order, another case',
      header: 'Signature=QQ==,ALGORITHM=rsa256,keyversion=10',
      expected: { algorithm: 'RSA256', keyVersion: 10, signature: 'QQ==' },
    },
    {
      name: 'defaults: RSA256 and the newest key',
      header: 'signature=QQ',
      expected: { algorithm: 'RSA256', signature: 'QQ' },
    },
    {
      name: 'a pair nobody knows is ignored',
      header: 'algorithm=RSA256, future=1, signature=QQ',
      expected: { algorithm: 'RSA256', signature: 'QQ' },
    },
    { name: 'another algorithm', header: 'algorithm=ECC224, signature=QQ', expected: undefined },
    { name: 'no signature', header: 'algorithm=RSA256, keyVersion=1', expected: undefined },
    { name: 'an empty signature', header: 'algorithm=RSA256, signature=', expected: undefined },
    { name: 'a name given twice', header: 'signature=QQ, signature=QR', expected: undefined },
    {
      name: 'a key version that is none',
      header: 'keyVersion=0, signature=QQ',
      expected: undefined,
    },
    { name: 'empty', header: '', expected: undefined },
    { name: 'noise', header: '=,=,,=', expected: undefined },
  ])('reads $name', ({ header, expected }) => {
    expect(parseSignature(header)).toEqual(expected);
  });
});

describe('signer and verifier', () => {
  it('understand each other', () => {
    const signer = createSigner({
      privateKey: keys.privateKey,
      keyVersion: 3,
      encoding: 'base64url',
    });
    const header = signer.sign(message);

    expect(parseSignature(header)?.keyVersion).toBe(3);
    expect(createVerifier(keys.publicKey).verify(message, header)).toBe(true);
    expect(createVerifier(others.publicKey).verify(message, header)).toBe(false);
    expect(createVerifier(keys.publicKey).verify(message, 'nonsense')).toBe(false);
  });
});
