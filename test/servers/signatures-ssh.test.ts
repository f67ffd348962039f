import { beforeAll, describe, expect, it } from 'vitest';
import { epochMs } from '../../src/core/words/time.ts';
import { rememberVerified } from '../../src/source/git/signing/verified.ts';
import { historyOf, refusing, useStage, type Signing } from './signing-stage.ts';

const stage = useStage();
const history = (...signings: readonly (Signing | undefined)[]) => historyOf(stage, signings);
let gpgKey = '';

beforeAll(() => {
  gpgKey = stage.gpgKey('good');
});

describe('commits signed with SSH', () => {
  const policy = (...lines: readonly string[]) =>
    ({ verify: 'commits', allowedSigners: lines.join('\n') }) as const;
  const line = (path: string, options = '') =>
    `ada@example.com ${options} ${stage.sshPublic(path)}`;

  it.each([
    { type: ['-t', 'ed25519'] },
    { type: ['-t', 'ecdsa', '-b', '384'] },
    { type: ['-t', 'rsa', '-b', '2048'] },
  ])('are good by a key of the list ($type)', async ({ type }) => {
    const key = stage.sshKey(`good-${type.join('')}`, type);
    const { base, head } = history({ ssh: key }, { ssh: key });

    const said = await stage.verify({ policy: policy('# ours', line(key)), base, head });

    expect(said).toMatchObject({ verdict: 'good' });
  });

  it('are refused by any other, also one that a wildcard would let in', async () => {
    const [listed, other] = [stage.sshKey('listed'), stage.sshKey('not-listed')];
    const { base, ids, head } = history({ ssh: other });

    const said = await stage.verify({
      policy: policy(`* ${stage.sshPublic(listed)}`),
      base,
      head,
    });

    expect(said).toMatchObject(refusing(ids[0], 'UnknownSigner'));
  });

  it('are refused when what was signed was changed', async () => {
    const key = stage.sshKey('tampered');
    const { base, head } = history({ ssh: key });
    const raw = stage.git(['cat-file', 'commit', head]);
    const forged = stage.object('commit', `${raw.replace('Ada Author', 'Eve Author')}\n`);

    expect(await stage.verify({ policy: policy(line(key)), base, head: forged })).toMatchObject(
      refusing(forged, 'Tampered'),
    );
  });

  it('are refused when the key may not sign in Git', async () => {
    const key = stage.sshKey('files');
    const { base, head } = history({ ssh: key });
    const lines = policy(line(key, 'namespaces="file"'));

    expect(await stage.verify({ policy: lines, base, head })).toMatchObject(
      refusing(head, 'KeyUntimely'),
    );
  });

  it('are refused when what was signed was no commit', async () => {
    const key = stage.sshKey('elsewhere');
    const { base, head } = history(undefined);
    const raw = `${stage.git(['cat-file', 'commit', head])}\n`;
    const header = `\ngpgsig ${stage.sshSign(key, 'file', raw).replaceAll('\n', '\n ')}\n\n`;
    const forged = stage.object('commit', raw.replace('\n\n', header));

    expect(await stage.verify({ policy: policy(line(key)), base, head: forged })).toMatchObject(
      refusing(forged, 'OtherNamespace'),
    );
  });

  it('cannot be judged by a list that is not understood', async () => {
    const key = stage.sshKey('list');
    const { base, head } = history({ ssh: key });
    const [type = '', blob = ''] = stage.sshPublic(key).split(' ');
    const lists = [
      '',
      '# nobody',
      `ada@example.com cert-authority ${type} ${blob}`,
      `ada@example.com no-touch-required ${type} ${blob}`,
      `ada@example.com valid-before="tomorrow" ${type} ${blob}`,
      `ada@example.com ssh-rsa ${blob}`,
      `${type} ${blob}`,
      `ada@example.com ${type} ${blob.slice(0, -4)}`,
      `${line(key)}\nada@example.com ${type}`,
    ];

    const said = await Promise.all(
      lists.map((allowedSigners) =>
        stage.verify({ policy: { verify: 'commits', allowedSigners }, base, head }),
      ),
    );

    expect(said.map(({ verdict }) => verdict)).toEqual(lists.map(() => 'SettingsInvalid'));
  });

  it.each([
    { name: 'while its key was valid', at: '2026-01-15T00:00:00Z', verdict: 'good' },
    { name: 'before its key was valid', at: '2025-12-15T00:00:00Z', verdict: 'SourceRefused' },
    { name: 'after its key was valid', at: '2026-02-15T00:00:00Z', verdict: 'SourceRefused' },
  ])('are judged at their own time: $name', async ({ at, verdict }) => {
    const key = stage.sshKey(`timed-${at.slice(0, 10)}`);
    stage.git(['switch', '--quiet', '--orphan', `timed-${at.slice(0, 10)}`]);
    const base = stage.commit({ at: '2025-01-01T00:00:00Z' });
    const head = stage.commit({ sign: { ssh: key }, at });
    const window = 'valid-after="20260101",valid-before="20260201"';

    const said = await stage.verify({ policy: policy(line(key, window)), base, head });

    expect(said.verdict).toBe(verdict);
  });

  it.each([
    {
      name: 'older than its parent',
      why: 'a key that has run out would sign for the past',
      parent: '2026-03-01T00:00:00Z',
      at: '2026-01-15T00:00:00Z',
      window: 'valid-before="20260201"',
    },
    {
      name: 'from a time at which the key was not valid yet',
      why: 'what the commit says of itself counts too',
      parent: '2026-03-01T00:00:00Z',
      at: '2026-01-20T00:00:00Z',
      window: 'valid-after="20260201"',
    },
    {
      name: 'younger than now',
      why: 'a key that is not valid yet would sign for the future',
      parent: '2025-12-01T00:00:00Z',
      at: '2026-07-01T00:00:00Z',
      window: 'valid-after="20260601"',
    },
  ])('are not believed to be $name', async ({ parent, at, window, why }) => {
    const key = stage.sshKey(`lying-${at.slice(0, 10)}`);
    stage.git(['switch', '--quiet', '--orphan', `lying-${at.slice(0, 10)}`]);
    const base = stage.commit({ at: parent });
    const head = stage.commit({ sign: { ssh: key }, at });
    const now = epochMs(Date.UTC(2026, 4, 1));
    const verify = (options: string) =>
      stage.verify({ policy: policy(line(key, options)), base, head, now });

    expect([await verify(''), await verify(window)], why).toMatchObject([
      { verdict: 'good' },
      refusing(head, 'KeyUntimely'),
    ]);
  });

  it('takes one key with two windows as both', async () => {
    const key = stage.sshKey('renewed');
    stage.git(['switch', '--quiet', '--orphan', 'renewed']);
    const base = stage.commit({ at: '2025-01-01T00:00:00Z' });
    stage.commit({ sign: { ssh: key }, at: '2025-06-01T00:00:00Z' });
    const head = stage.commit({ sign: { ssh: key }, at: '2026-06-01T00:00:00Z' });
    const lines = [
      line(key, 'valid-before="20260101"'),
      line(key, 'valid-after="20260501"'),
    ] as const;

    expect([
      await stage.verify({ policy: policy(...lines), base, head }),
      await stage.verify({ policy: policy(lines[0]), base, head }),
    ]).toMatchObject([{ verdict: 'good' }, refusing(head, 'KeyUntimely')]);
  });

  it('stand beside OpenPGP in one range', async () => {
    const key = stage.sshKey('beside');
    const { base, head } = history({ ssh: key }, { gpg: gpgKey }, { ssh: key });

    const said = await stage.verify({
      policy: { ...policy(line(key)), gpgKeys: stage.gpgExport(gpgKey) },
      base,
      head,
    });

    expect(said).toMatchObject({ verdict: 'good' });
  });

  it('are judged once, until the list is another', async () => {
    const [key, other] = [stage.sshKey('once'), stage.sshKey('another')];
    const { base, ids, head } = history({ ssh: key }, { ssh: key });
    const verifiedUnder = rememberVerified();
    // A folder that holds git and no more.
    const path = stage.git(['--exec-path']);
    const verify = (list: ReturnType<typeof policy>, more: { path?: string; head?: string } = {}) =>
      stage.verify({ policy: list, base, head, verified: verifiedUnder(list), ...more });
    const ours = policy(line(key));

    expect([
      await verify(ours, { path }),
      await verify(ours, { head: ids[0] ?? '' }),
      await verify(ours, { path, head: ids[0] ?? '' }),
      await verify(ours, { path }),
      await verify(ours),
      await verify(ours, { path }),
      await verify(policy(line(other))),
    ]).toMatchObject([
      { verdict: 'SourceUnavailable' },
      { verdict: 'good' },
      { verdict: 'good' },
      { verdict: 'SourceUnavailable' },
      { verdict: 'good' },
      { verdict: 'good' },
      refusing(ids[0], 'UnknownSigner'),
    ]);
  });

  it('cannot be judged without ssh-keygen', async () => {
    const key = stage.sshKey('no-tool');
    const { base, head } = history({ ssh: key });
    const path = stage.git(['--exec-path']);

    expect(await stage.verify({ policy: policy(line(key)), base, head, path })).toMatchObject({
      verdict: 'SourceUnavailable',
      message: expect.stringContaining('openssh-client'),
    });
  });
});

describe('where object ids are SHA-256', () => {
  const other = useStage('sha256');

  it('commits are good and refused by their own header', async () => {
    const key = other.sshKey('long-ids');
    const allowedSigners = `ada@example.com ${other.sshPublic(key)}`;
    const { base, ids, head } = historyOf(other, [{ ssh: key }]);
    const raw = other.git(['cat-file', 'commit', head]);
    const renamed = other.object('commit', `${raw.replace('gpgsig-sha256', 'gpgsig')}\n`);
    const verify = (at: string) =>
      other.verify({ policy: { verify: 'commits', allowedSigners }, base, head: at });

    expect(ids[0]).toHaveLength(64);
    expect([await verify(head), await verify(renamed)]).toMatchObject([
      { verdict: 'good' },
      refusing(renamed, 'UnknownForm'),
    ]);
  });
});
