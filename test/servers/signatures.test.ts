import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/cli/system.ts';
import { openKeyring } from '../../src/source/git/signing/gpg.ts';
import { createTools } from '../../src/source/git/signing/tools.ts';
import { historyOf, never, refusing, useStage, type Signing } from './signing-stage.ts';

const stage = useStage();

/** Keys by the part they play. */
const keys = {
  good: '',
  stranger: '',
  expired: '',
  revoked: '',
};

beforeAll(() => {
  keys.good = stage.gpgKey('good', { time: '20250101T000000' });
  keys.stranger = stage.gpgKey('stranger');
  keys.expired = stage.gpgKey('expired', { time: '20240101T000000', expires: '2d' });
  keys.revoked = stage.gpgKey('revoked');
});

const history = (...signings: readonly (Signing | undefined)[]) => historyOf(stage, signings);
const by = (gpg: string, more: { time?: string; options?: string[] } = {}): Signing => ({
  gpg,
  ...more,
});

describe('commits signed with OpenPGP', () => {
  const commits = () => ({ verify: 'commits', gpgKeys: stage.gpgExport(keys.good) }) as const;

  it('are good by a key that was given, without any trust set', async () => {
    const { base, head } = history(by(keys.good), by(keys.good));

    expect(await stage.verify({ policy: commits(), base, head })).toMatchObject({
      verdict: 'good',
    });
  });

  it('are good by a subkey of such a key', async () => {
    stage.gpg(['--quick-add-key', keys.good, 'rsa2048', 'sign', 'never']);
    const listed = stage.gpg(['--list-keys', '--with-colons', keys.good]);
    const sub = /^sub(?:.*\n)+?fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1] ?? '';
    const { base, head } = history(by(sub));

    expect(sub).not.toBe(keys.good);
    expect(await stage.verify({ policy: commits(), base, head })).toMatchObject({
      verdict: 'good',
    });
  });

  it.each([
    { name: 'by nobody', reason: 'Unsigned', why: 'the first rule', sign: () => undefined },
    {
      name: 'by a key that was not given',
      reason: 'UnknownSigner',
      why: '%G? says E, and U once somebody imports it',
      sign: () => by(keys.stranger),
    },
    {
      name: 'with a signature that ended',
      reason: 'SignatureExpired',
      why: '%G? says X: good once',
      sign: () =>
        by(keys.good, {
          time: '20250601T000000',
          options: ['--default-sig-expire', '1d'],
        }),
    },
    {
      name: 'with SHA-1',
      reason: 'WeakDigest',
      why: 'two contents can be made that have one digest',
      sign: () => by(keys.good, { options: ['--digest-algo', 'SHA1'] }),
    },
    {
      name: 'by two keys at once',
      reason: 'UnknownForm',
      why: 'which one counts is told by nobody',
      sign: () => by(keys.good, { options: ['-u', keys.stranger] }),
    },
    {
      name: 'by a key with SSH',
      reason: 'NoAllowedSigners',
      why: 'there is no list of signers to judge it by',
      sign: () => ({ ssh: stage.sshKey('other-form') }),
    },
  ] as const)('are refused when signed $name', async ({ sign, reason, why }) => {
    const { base, ids, head } = history(by(keys.good), sign(), by(keys.good));

    const said = await stage.verify({ policy: commits(), base, head });

    expect(said, why).toMatchObject(refusing(ids[1], reason));
  });

  it('are refused when the key has expired, for the past too', async () => {
    const { base, ids, head } = history(by(keys.expired, { time: '20240101T120000' }));
    const gpgKeys = stage.gpgExport(keys.good, keys.expired);

    const said = await stage.verify({ policy: { verify: 'commits', gpgKeys }, base, head });

    expect(said).toMatchObject(refusing(ids[0], 'KeyExpired'));
  });

  it('are refused when the key was revoked, and were good before', async () => {
    const { base, ids, head } = history(by(keys.revoked));
    const before = stage.gpgExport(keys.revoked);
    stage.gpgRevoke(keys.revoked);
    const after = stage.gpgExport(keys.revoked);

    const policy = { verify: 'commits' } as const;
    expect(
      await stage.verify({ policy: { ...policy, gpgKeys: before }, base, head }),
    ).toMatchObject({ verdict: 'good' });
    expect(await stage.verify({ policy: { ...policy, gpgKeys: after }, base, head })).toMatchObject(
      refusing(ids[0], 'KeyRevoked'),
    );
  });

  it('are refused when what was signed was changed', async () => {
    const { base, head } = history(by(keys.good));
    const raw = stage.git(['cat-file', 'commit', head]);
    const forged = stage.object('commit', `${raw.replace('Ada Author', 'Eve Author')}\n`);

    const said = await stage.verify({ policy: commits(), base, head: forged });

    expect(said).toMatchObject(refusing(forged, 'Tampered'));
    expect(said.message).toContain('Eve Author');
  });

  it('are refused with a second signature header, whatever it holds', async () => {
    const { base, head } = history(by(keys.good));
    const raw = stage.git(['cat-file', 'commit', head]);
    const second = stage.object(
      'commit',
      `${raw.replace('\ngpgsig ', '\ngpgsig-sha256 x\ngpgsig ')}\n`,
    );

    expect(await stage.verify({ policy: commits(), base, head: second })).toMatchObject(
      refusing(second, 'SignedTwice'),
    );
  });

  it('are refused with an X.509 signature', async () => {
    const { base, head } = history(undefined);
    const raw = stage.git(['cat-file', 'commit', head]);
    const armored =
      '\ngpgsig -----BEGIN SIGNED MESSAGE-----\n MIIB\n -----END SIGNED MESSAGE-----\n\n';
    const forged = stage.object('commit', `${raw.replace('\n\n', armored)}\n`);

    expect(await stage.verify({ policy: commits(), base, head: forged })).toMatchObject(
      refusing(forged, 'Certificate'),
    );
  });

  it('are refused when a merge brings an unsigned side branch', async () => {
    const { base } = history(by(keys.good));
    const main = stage.git(['branch', '--show-current']);
    stage.git(['switch', '--quiet', '--create', `side-${main}`]);
    const side = stage.commit();
    stage.git(['switch', '--quiet', main]);
    stage.commit({ sign: by(keys.good) });
    const head = stage.merge(`side-${main}`, { sign: by(keys.good) });

    expect(await stage.verify({ policy: commits(), base, head })).toMatchObject(
      refusing(side, 'Unsigned'),
    );
  });

  it('are refused when the merge itself is unsigned', async () => {
    const { base } = history(by(keys.good));
    const main = stage.git(['branch', '--show-current']);
    stage.git(['switch', '--quiet', '--create', `side-${main}`]);
    stage.commit({ sign: by(keys.good) });
    stage.git(['switch', '--quiet', main]);
    stage.commit({ sign: by(keys.good) });
    const head = stage.merge(`side-${main}`);

    expect(await stage.verify({ policy: commits(), base, head })).toMatchObject(
      refusing(head, 'Unsigned'),
    );
  });

  it('names the older of two that are wrong', async () => {
    const { base, ids, head } = history(by(keys.good), undefined, by(keys.stranger));

    expect(await stage.verify({ policy: commits(), base, head })).toMatchObject(refusing(ids[1]));
  });

  it('cannot be judged without gpg', async () => {
    const { base, head } = history(by(keys.good));
    // A folder that holds git and no more.
    const path = stage.git(['--exec-path']);

    expect(await stage.verify({ policy: commits(), base, head, path })).toMatchObject({
      verdict: 'SourceUnavailable',
      message: expect.stringContaining('gnupg'),
    });
  });

  it.each([
    { name: 'nothing', gpgKeys: () => 'no keys' },
    {
      name: 'a private key',
      gpgKeys: () => stage.gpg(['--armor', '--export-secret-keys', keys.stranger]),
    },
  ])('cannot be judged by $name, and the message holds none of it', async ({ gpgKeys }) => {
    const { base, head } = history(by(keys.good));
    const given = gpgKeys();

    const said = await stage.verify({ policy: { verify: 'commits', gpgKeys: given }, base, head });

    expect(said.verdict).toBe('SettingsInvalid');
    expect(given.split('\n').filter((line) => line !== '' && said.message.includes(line))).toEqual(
      [],
    );
  });

  it('start no agent', async () => {
    const directory = mkdtempSync(join(stage.work, 'keyring-'));
    const { path, clock } = { path: process.env['PATH'] ?? '', clock: systemClock };

    await openKeyring(
      { tools: createTools({ path, clock }), directory },
      stage.gpgExport(keys.good),
      never,
    );

    const sockets = readdirSync(directory).filter((name) => name.startsWith('S.'));
    expect([sockets, processes().filter((line) => line.includes(directory))]).toEqual([[], []]);
  });

  it('leave no folder behind', async () => {
    const { base, head } = history(by(keys.good), by(keys.stranger));

    const mirror = join(stage.work, '.git');
    const [killed, busy] = ['verify-killed', 'verify-busy'].map((name) => join(mirror, name));
    mkdirSync(killed!);
    mkdirSync(busy!);
    const twoDaysAgo = Date.now() / 1000 - 2 * 86_400;
    utimesSync(killed!, twoDaysAgo, twoDaysAgo);

    await stage.verify({ policy: commits(), base, head });

    const left = readdirSync(mirror).filter((name) => name.startsWith('verify'));
    expect(left).toEqual(['verify-busy']);
  });
});

describe('the range', () => {
  const commits = () => ({ verify: 'commits', gpgKeys: stage.gpgExport(keys.good) }) as const;

  it('offers a start where the whole history is judged, and only there', async () => {
    const { base, ids, head } = history(by(keys.good), undefined);
    const without = await stage.verify({ policy: commits(), head });
    const after = await stage.verify({ policy: { ...commits(), since: base }, head });

    expect(without.message).toMatch(/; name in signatures\.since .* 40 or 64 .*; or sign it/);
    expect(after).toMatchObject(refusing(ids[1], 'Unsigned'));
    expect(after.message).not.toContain('signatures.since');
  });

  it('goes back to since where nothing was completed', async () => {
    const { base, ids, head } = history(by(keys.good), undefined, by(keys.good));
    const since = (id = '') => stage.verify({ policy: { ...commits(), since: id }, head });

    expect([await since(base), await since(ids[1])]).toMatchObject([
      refusing(ids[1]),
      { verdict: 'good' },
    ]);
  });

  it('is everything where there is neither', async () => {
    const { base, head } = history(by(keys.good));

    expect(await stage.verify({ policy: commits(), head })).toMatchObject(refusing(base));
  });

  it('is empty for the completed commit itself', async () => {
    const { head } = history(undefined);

    expect(await stage.verify({ policy: commits(), base: head, head })).toMatchObject({
      verdict: 'good',
    });
  });

  it('does not begin at a commit that the head does not hold', async () => {
    const { base, ids, head } = history(by(keys.good), by(keys.good));
    const [older = ''] = ids;
    const elsewhere = history(by(keys.good)).head;
    const verify = (start: string, since?: string, at = head) =>
      stage.verify({
        policy: { ...commits(), ...(since === undefined ? {} : { since }) },
        base: start,
        head: at,
      });

    expect([
      await verify(elsewhere),
      await verify(elsewhere, base),
      await verify(elsewhere, elsewhere),
      await verify(head, undefined, older),
      await verify('f'.repeat(40)),
    ]).toMatchObject([
      refusing(elsewhere),
      { verdict: 'good' },
      refusing(elsewhere),
      refusing(head),
      refusing('f'.repeat(40)),
    ]);
  });

  it('is not judged by half a history', async () => {
    const { base, head } = history(undefined, by(keys.good), by(keys.good));
    const mirror = join(stage.work, '..', 'shallow.git');
    const url = `file://${stage.work}`;
    stage.git(['init', '--quiet', '--bare', mirror]);
    stage.git(['-C', mirror, 'fetch', '--quiet', '--depth=2', url, head]);
    const depths = ['3', '4'];
    const asked: string[] = [];
    const fetchMore = async (): Promise<boolean> => {
      const depth = depths.shift();
      if (depth === undefined) return false;
      asked.push(depth);
      stage.git(['-C', mirror, 'fetch', '--quiet', `--depth=${depth}`, url, head]);
      return true;
    };

    const alone = await stage.verify({ policy: commits(), head, directory: mirror });
    const more = await stage.verify({ policy: commits(), head, directory: mirror, fetchMore });

    expect(alone).toMatchObject({
      verdict: 'SourceRefused',
      message: expect.stringContaining('since'),
    });
    expect([asked, more]).toMatchObject([['3', '4'], refusing(base)]);
  });

  it('ends at the deadline', async () => {
    const { base, head } = history(by(keys.good));

    expect(await stage.verify({ policy: commits(), base, head, deadlineMs: 1 })).toMatchObject({
      verdict: 'SourceUnavailable',
    });
  });
});

/** Command lines of every process. */
function processes(): readonly string[] {
  return execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n');
}
