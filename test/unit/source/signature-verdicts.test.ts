import { describe, expect, it } from 'vitest';
import { parseCommit, parseTag } from '../../../src/source/git/signing/object.ts';
import { signedMessage } from '../../../src/source/git/signing/openpgp.ts';
import {
  parseAllowedSigners,
  parseSshSignature,
} from '../../../src/source/git/signing/ssh-signers.ts';
import { gpgVerdict, linesByFile } from '../../../src/source/git/signing/verdicts.ts';

const key = 'A'.repeat(40);
const sub = 'B'.repeat(40);
const valid = (by: string, digest = '8', kind = '00', primary = key) =>
  `VALIDSIG ${by} 2026-01-31 1769850000 0 4 0 22 ${digest} ${kind} ${primary}`;
const good = 'GOODSIG AAAAAAAAAAAAAAAA Ada <ada@example.com>';

describe('gpgVerdict', () => {
  it.each([
    {
      name: 'a good signature',
      why: 'the one way to be good',
      lines: ['NEWSIG', good, valid(key)],
    },
    {
      name: 'a good signature by a subkey',
      why: 'it is the primary key that was given',
      lines: ['NEWSIG', good, valid(sub)],
    },
    {
      name: 'a good signature by a key without trust',
      why: '%G? is U for it: the list of given keys is the trust',
      lines: ['NEWSIG', good, valid(key), 'TRUST_UNDEFINED 0 pgp'],
    },
  ])('takes $name', ({ lines, why }) => {
    const verdict = gpgVerdict(lines, new Set([key]));

    expect(verdict, why).toEqual({ kind: 'good', signer: key });
  });

  it.each([
    { name: 'nothing', why: 'gpg never came to it', lines: [], expected: 'Unjudged' },
    {
      name: 'a bad signature',
      why: '%G? B',
      lines: ['NEWSIG', 'BADSIG AAAAAAAAAAAAAAAA Ada'],
      expected: 'Tampered',
    },
    {
      name: 'an expired signature',
      why: '%G? X: good once, and VALIDSIG stands beside it',
      lines: ['NEWSIG', 'EXPSIG AAAAAAAAAAAAAAAA Ada', valid(key)],
      expected: 'SignatureExpired',
    },
    {
      name: 'an expired key',
      why: '%G? Y: VALIDSIG stands beside it',
      lines: ['NEWSIG', 'KEYEXPIRED 1', 'EXPKEYSIG AAAAAAAAAAAAAAAA Ada', valid(key)],
      expected: 'KeyExpired',
    },
    {
      name: 'a revoked key',
      why: '%G? R',
      lines: ['NEWSIG', 'REVKEYSIG AAAAAAAAAAAAAAAA Ada', valid(key)],
      expected: 'KeyRevoked',
    },
    {
      name: 'a key that is not there',
      why: '%G? E',
      lines: ['NEWSIG', 'ERRSIG AAAAAAAAAAAAAAAA 22 8 00 1 9 -', 'NO_PUBKEY AAAAAAAAAAAAAAAA'],
      expected: 'UnknownSigner',
    },
    {
      name: 'an algorithm gpg does not know',
      why: '%G? E, though the key is there',
      lines: ['NEWSIG', 'ERRSIG AAAAAAAAAAAAAAAA 99 8 00 1 4 -'],
      expected: 'Unjudged',
    },
    {
      name: 'a good signature by a key that was not given',
      why: 'what is in the keyring is not enough',
      lines: ['NEWSIG', good, valid(sub, '8', '00', sub)],
      expected: 'UnknownSigner',
    },
    {
      name: 'GOODSIG alone',
      why: 'a user id is what a key says of itself',
      lines: ['NEWSIG', good],
      expected: 'Unjudged',
    },
    {
      name: 'VALIDSIG alone',
      why: 'it stands beside EXPKEYSIG and REVKEYSIG too',
      lines: ['NEWSIG', valid(key)],
      expected: 'Unjudged',
    },
    {
      name: 'two good signatures',
      why: 'one of them could be anybody’s',
      lines: ['NEWSIG', good, valid(key), 'NEWSIG', good, valid(key)],
      expected: 'Unjudged',
    },
    {
      name: 'a good one and a bad one',
      why: 'the bad one ends the matter',
      lines: ['NEWSIG', good, valid(key), 'NEWSIG', 'BADSIG AAAAAAAAAAAAAAAA Ada'],
      expected: 'Tampered',
    },
    {
      name: 'SHA-1',
      why: 'two contents can have one digest',
      lines: ['NEWSIG', good, valid(key, '2')],
      expected: 'WeakDigest',
    },
    {
      name: 'a signature of text',
      why: 'it is blind to ends of lines; Git makes binary ones',
      lines: ['NEWSIG', good, valid(key, '8', '01')],
      expected: 'Unjudged',
    },
    {
      name: 'a user id that looks like a status',
      why: 'only the first word counts',
      lines: ['NEWSIG', 'BADSIG AAAAAAAAAAAAAAAA GOODSIG VALIDSIG'],
      expected: 'Tampered',
    },
  ])('refuses $name', ({ lines, expected, why }) => {
    const verdict = gpgVerdict(lines, new Set([key]));

    expect(verdict, why).toEqual({ kind: 'refused', why: expected });
  });
});

describe('linesByFile', () => {
  it('keeps what is said of each file apart, and leaves out what was not come to', () => {
    const output = [
      '[GNUPG:] FILE_START 1 0.msg',
      '[GNUPG:] NEWSIG',
      'not a status: [GNUPG:] GOODSIG',
      '[GNUPG:] FILE_DONE',
      '[GNUPG:] KEY_CONSIDERED X 0',
      '[GNUPG:] FILE_START 1 1.msg',
      '[GNUPG:] BADSIG A',
      '[GNUPG:] FAILURE gpg-exit 1',
    ].join('\n');

    expect([...linesByFile(output)]).toEqual([
      ['0.msg', ['NEWSIG']],
      ['1.msg', ['BADSIG A', 'FAILURE gpg-exit 1']],
    ]);
  });
});

const tree = `tree ${'0'.repeat(40)}\n`;
const people =
  'author Ada <ada@example.com> 1769850000 +0100\ncommitter Cem <cem@example.com> 1769850060 +0100\n';
const block = (label: string) => `-----BEGIN ${label}-----\n AAAA\n -----END ${label}-----\n`;

describe('parseCommit', () => {
  it.each([
    { name: 'none', why: 'nothing there', headers: '', sha1: 'none', sha256: 'none' },
    {
      name: 'OpenPGP',
      why: 'each kind of ids has its header',
      headers: `gpgsig ${block('PGP SIGNATURE')}`,
      sha1: 'gpg',
      sha256: 'unknown',
    },
    {
      name: 'SSH for long ids',
      why: 'each kind of ids has its header',
      headers: `gpgsig-sha256 ${block('SSH SIGNATURE')}`,
      sha1: 'unknown',
      sha256: 'ssh',
    },
    {
      name: 'both headers',
      why: 'git would judge one and leave the other out of what was signed',
      headers: `gpgsig ${block('PGP SIGNATURE')}gpgsig-sha256 ${block('PGP SIGNATURE')}`,
      sha1: 'twice',
      sha256: 'twice',
    },
    {
      name: 'one header twice',
      why: 'git would join the two',
      headers: `gpgsig ${block('PGP SIGNATURE')}gpgsig ${block('PGP SIGNATURE')}`,
      sha1: 'twice',
      sha256: 'twice',
    },
    {
      name: 'two blocks in one header',
      why: 'the second would be judged or passed over by luck',
      headers: `gpgsig ${block('PGP SIGNATURE')} ${block('PGP SIGNATURE')}`,
      sha1: 'unknown',
      sha256: 'unknown',
    },
    {
      name: 'a whole message',
      why: 'it would bring content of its own',
      headers: `gpgsig ${block('PGP MESSAGE')}`,
      sha1: 'unknown',
      sha256: 'unknown',
    },
    {
      name: 'X.509',
      why: 'not supported',
      headers: `gpgsig ${block('SIGNED MESSAGE')}`,
      sha1: 'x509',
      sha256: 'unknown',
    },
    {
      name: 'a header that only begins so',
      why: 'git leaves it out of what was signed',
      headers: `gpgsigs ${block('PGP SIGNATURE')}`,
      sha1: 'unknown',
      sha256: 'unknown',
    },
  ])('finds the signature: $name', ({ headers, sha1, sha256, why }) => {
    const raw = Buffer.from(`${tree}${people}${headers}\nsubject\n\ngpgsig in the text\n`);

    const found = (['sha1', 'sha256'] as const).map(
      (hash) => parseCommit(raw, hash)?.signature.kind,
    );

    expect(found, why).toEqual([sha1, sha256]);
  });

  it('gives what was signed, and what the commit says of itself', () => {
    const parents = `parent ${'1'.repeat(40)}\nparent ${'2'.repeat(40)}\n`;
    const raw = Buffer.from(
      `${tree}${parents}${people}gpgsig ${block('PGP SIGNATURE')}encoding x\n\nsubject\n`,
    );

    const found = parseCommit(raw, 'sha1');

    expect({ ...found, payload: found?.payload.toString() }).toEqual({
      parents: ['1'.repeat(40), '2'.repeat(40)],
      author: 'Ada <ada@example.com>',
      committedAt: 1_769_850_060,
      signature: {
        kind: 'gpg',
        text: '-----BEGIN PGP SIGNATURE-----\nAAAA\n-----END PGP SIGNATURE-----',
      },
      payload: `${tree}${parents}${people}encoding x\n\nsubject\n`,
    });
  });

  it.each([
    { name: 'two trees', raw: `${tree}${tree}${people}\n` },
    { name: 'another beginning', raw: `${people}${tree}\n` },
    { name: 'no committer', raw: `${tree}author Ada <ada@example.com> 1 +0000\n\n` },
    { name: 'nothing', raw: '' },
  ])('takes no commit with $name', ({ raw }) => {
    expect(parseCommit(Buffer.from(raw), 'sha1')).toBeUndefined();
  });
});

describe('parseTag', () => {
  const head = `object ${'1'.repeat(40)}\ntype commit\ntag v1\ntagger Ada <ada@example.com> 1 +0000\n`;
  const flat = (label: string) => block(label).replaceAll('\n ', '\n');

  it.each([
    { name: 'none', raw: `${head}\ntext\n`, kind: 'none', signed: `${head}\ntext\n` },
    {
      name: 'at the end',
      raw: `${head}\ntext\n${flat('SSH SIGNATURE')}`,
      kind: 'ssh',
      signed: `${head}\ntext\n`,
    },
    {
      name: 'the last of two',
      raw: `${head}\n${flat('PGP SIGNATURE')}${flat('SSH SIGNATURE')}`,
      kind: 'ssh',
      signed: `${head}\n${flat('PGP SIGNATURE')}`,
    },
    {
      name: 'with text behind it',
      raw: `${head}\n${flat('PGP SIGNATURE')}text\n`,
      kind: 'unknown',
      signed: `${head}\n`,
    },
    {
      name: 'in a header too',
      raw: `${head}gpgsig-sha256 ${block('PGP SIGNATURE')}\n${flat('PGP SIGNATURE')}`,
      kind: 'twice',
      signed: undefined,
    },
  ])('finds the signature: $name', ({ raw, kind, signed }) => {
    const tag = parseTag(Buffer.from(raw));

    expect(tag?.signature.kind).toBe(kind);
    if (signed !== undefined) expect(tag?.payload.toString()).toBe(signed);
  });
});

describe('signedMessage', () => {
  const armored = (...bytes: readonly number[]) =>
    `-----BEGIN PGP SIGNATURE-----\n\n${Buffer.from(bytes).toString('base64')}\n=AAAA\n-----END PGP SIGNATURE-----`;
  const body = [4, 0, 22, 8, 0, 0];

  it.each([
    { name: 'the old form of a header', bytes: [0x88, body.length, ...body] },
    { name: 'the new form of a header', bytes: [0xc2, body.length, ...body] },
    { name: 'five octets of length', bytes: [0xc2, 0xff, 0, 0, 0, body.length, ...body] },
  ])('frames one signature and the data: $name', ({ bytes }) => {
    const message = signedMessage(armored(...bytes), Buffer.from('data'));

    expect(message?.toString('hex')).toBe(
      `c2ff00000006${Buffer.from(body).toString('hex')}cbff0000000a620000000000${Buffer.from('data').toString('hex')}`,
    );
  });

  it.each([
    { name: 'nothing', bytes: [] },
    { name: 'two packets', bytes: [0x88, 6, ...body, 0x88, 6, ...body] },
    { name: 'a literal packet behind it', bytes: [0x88, 6, ...body, 0xcb, 6, 0x62, 0, 0, 0, 0, 0] },
    { name: 'a compressed packet', bytes: [0xc8, 6, ...body] },
    { name: 'less than it says', bytes: [0x88, 200, ...body] },
    { name: 'a length without end', bytes: [0x8b, ...body] },
    { name: 'a partial length', bytes: [0xc2, 0xe2, ...body] },
    { name: 'another version', bytes: [0x88, 6, 3, 0, 22, 8, 0, 0] },
    { name: 'a signature of text', bytes: [0x88, 6, 4, 1, 22, 8, 0, 0] },
  ])('takes no $name', ({ bytes }) => {
    expect(signedMessage(armored(...bytes), Buffer.from('data'))).toBeUndefined();
  });
});

const sshKey = 'AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';

describe('parseAllowedSigners', () => {
  it('reads principals, options and keys', () => {
    const text = [
      '# who may release',
      `ada@example.com ssh-ed25519 ${sshKey} a comment`,
      `"cem@example.com,*@ops.example" namespaces="git,file",valid-after=20260101Z ssh-ed25519 ${sshKey}`,
      '',
    ].join('\r\n');

    expect(parseAllowedSigners(text)).toEqual([
      { name: 'ada@example.com', options: '', keyType: 'ssh-ed25519', key: sshKey },
      {
        name: 'cem@example.com,*@ops.example',
        options: 'namespaces="git,file",valid-after=20260101Z',
        keyType: 'ssh-ed25519',
        key: sshKey,
      },
    ]);
  });

  it.each([
    { name: 'nobody', text: '# none\n' },
    { name: 'a certificate authority', text: `a cert-authority ssh-ed25519 ${sshKey}` },
    { name: 'an unknown option', text: `a no-touch-required ssh-ed25519 ${sshKey}` },
    { name: 'a time that is none', text: `a valid-before="soon" ssh-ed25519 ${sshKey}` },
    { name: 'another type than the key says', text: `a ssh-rsa ${sshKey}` },
    { name: 'no principal', text: `ssh-ed25519 ${sshKey}` },
    { name: 'half a key', text: `a ssh-ed25519 ${sshKey.slice(0, -4)}` },
    { name: 'no key', text: 'a ssh-ed25519' },
  ])('refuses a list with $name', ({ text }) => {
    expect(() => parseAllowedSigners(text)).toThrow(
      expect.objectContaining({ code: 'SettingsInvalid' }),
    );
  });
});

describe('parseSshSignature', () => {
  const string = (text: string | Buffer): Buffer => {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.byteLength);
    return Buffer.concat([length, bytes]);
  };
  const armored = (bytes: Buffer) =>
    `-----BEGIN SSH SIGNATURE-----\n${bytes.toString('base64')}\n-----END SSH SIGNATURE-----`;
  const magic = Buffer.from('SSHSIG\0\0\0\x01');

  it('finds the key and what the signature is for', () => {
    const bytes = Buffer.concat([magic, string(Buffer.from(sshKey, 'base64')), string('git')]);

    expect(parseSshSignature(armored(bytes))).toEqual({ key: sshKey, namespace: 'git' });
  });

  it.each([
    { name: 'nothing', bytes: Buffer.alloc(0) },
    { name: 'another beginning', bytes: Buffer.from('SSHSIX\0\0\0\x01aaaaaaaa') },
    { name: 'another version', bytes: Buffer.from('SSHSIG\0\0\0\x02aaaaaaaa') },
    {
      name: 'a length beyond its end',
      bytes: Buffer.concat([magic, Buffer.from('\xff\xff\xff\xff')]),
    },
    { name: 'no namespace', bytes: Buffer.concat([magic, string('a key')]) },
  ])('takes no $name', ({ bytes }) => {
    expect(parseSshSignature(armored(bytes))).toBeUndefined();
  });
});
