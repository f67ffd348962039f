import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../src/core/words/time.ts';
import { SecretText } from '../../../src/core/words/secret-text.ts';
import type { Clock } from '../../../src/ports/index.ts';
import { documentsOf } from '../../../src/source/files.ts';
import { refuseCredentials, sshCommand, withAccess } from '../../../src/source/git/access.ts';
import { askRemote, wantedOf } from '../../../src/source/git/ask.ts';
import type { Relation } from '../../../src/source/git/history.ts';
import { followGit } from '../../../src/source/git/follow.ts';
import { judgeMove } from '../../../src/source/git/rewind.ts';
import type { Git } from '../../../src/source/git/run.ts';
import { oid, remoteUrl } from '../../../src/source/git/strings.ts';
import { told } from '../../../src/source/git/telling.ts';

const [a, b] = [oid('a'.repeat(40)), oid('b'.repeat(40))];
const never = new AbortController().signal;

describe('judgeMove', () => {
  const relations: readonly {
    readonly relation: Relation;
    readonly seconds: number;
    readonly held: boolean;
    readonly why: string;
  }[] = [
    { relation: 'same', seconds: 0, held: false, why: 'nothing moved' },
    { relation: 'forward', seconds: 10, held: false, why: 'the ordinary way' },
    { relation: 'forward', seconds: -10, held: false, why: 'a clock was wrong; history tells' },
    { relation: 'backward', seconds: -10, held: true, why: 'an old state' },
    { relation: 'backward', seconds: 10, held: true, why: 'a clock was wrong; history tells' },
    { relation: 'apart', seconds: 1, held: false, why: 'history was written anew' },
    { relation: 'apart', seconds: 0, held: true, why: 'not newer' },
    { relation: 'apart', seconds: -1, held: true, why: 'an old state under another name' },
    { relation: 'unknown', seconds: 1, held: false, why: 'as apart' },
    { relation: 'unknown', seconds: -1, held: true, why: 'as apart' },
  ];

  it.each(relations)(
    '$relation, $seconds s later: held is $held',
    ({ relation, seconds, held, why }) => {
      const at = epochMs(1_700_000_000_000);

      const judged = judgeMove({
        source: 'team',
        ref: 'main',
        from: { commit: a, committedAt: at, at },
        to: { id: b, at: epochMs(at + seconds * 1000) },
        relation,
      });

      expect(judged !== undefined, why).toBe(held);
    },
  );

  it('gives the step an id of its own', () => {
    const at = epochMs(1_700_000_000_000);
    const idOf = (source: string, from: typeof a, to: typeof a) =>
      judgeMove({
        source,
        ref: 'main',
        from: { commit: from, committedAt: at, at },
        to: { id: to, at },
        relation: 'backward',
      })?.changeId;

    expect(new Set([idOf('team', a, b), idOf('team', b, a), idOf('other', a, b)]).size).toBe(3);
    expect(idOf('team', a, b)).toBe(idOf('team', a, b));
  });
});

describe('refuseCredentials', () => {
  const from = { env: 'X' };
  const https = 'https://git.example/a';
  const ssh = 'ssh://git@git.example/a';

  it.each([
    { name: 'nothing', url: https, given: {}, refused: false },
    { name: 'a token', url: https, given: { token: from }, refused: false },
    {
      name: 'a token and a user',
      url: https,
      given: { token: from, username: 'x' },
      refused: false,
    },
    {
      name: 'a password and a user',
      url: https,
      given: { password: from, username: 'x' },
      refused: false,
    },
    {
      name: 'an end alone',
      url: https,
      given: { expiresAt: '2027-01-01T00:00:00Z' },
      refused: false,
    },
    {
      name: 'a token and a password',
      url: https,
      given: { token: from, password: from },
      refused: true,
    },
    { name: 'a password of nobody', url: https, given: { password: from }, refused: true },
    { name: 'a user alone', url: https, given: { username: 'x' }, refused: true },
    { name: 'an ssh key for https', url: https, given: { sshKey: from }, refused: true },
    { name: 'an ssh key', url: ssh, given: { sshKey: from, knownHosts: from }, refused: false },
    { name: 'known hosts alone', url: ssh, given: { knownHosts: from }, refused: false },
    { name: 'a token for ssh', url: ssh, given: { token: from }, refused: true },
    {
      name: 'a token for scp-like ssh',
      url: 'git@git.example:a',
      given: { token: from },
      refused: true,
    },
    {
      name: 'an ssh key for scp-like ssh',
      url: 'git@git.example:a',
      given: { sshKey: from },
      refused: false,
    },
  ])('$name: $refused', ({ url, given, refused }) => {
    const check = (): void => refuseCredentials(remoteUrl(url, false), given);

    if (refused) expect(check).toThrow(expect.objectContaining({ code: 'SettingsInvalid' }));
    else expect(check).not.toThrow();
  });
});

describe('withAccess', () => {
  it('binds the header to the origin, and to nothing wider', async () => {
    const url = remoteUrl('https://git.example:8443/team/a', false);
    const credentials = async () => ({ token: new SecretText('t0ken') });

    const access = await withAccess(
      { url, credentials, keyDirectory: '/nonexistent' },
      async (given) => given,
    );

    expect(access.variables).toEqual({
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.https://git.example:8443/.extraHeader',
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${Buffer.from('git:t0ken').toString('base64')}`,
    });
    expect(access.hidden).toContain('t0ken');
  });

  it('takes nothing of whoever runs the process, where that is said', async () => {
    const apart = (url: string, knownHosts?: string) =>
      withAccess(
        {
          ...{
            url: remoteUrl(url, false),
            keyDirectory: tmpdir(),
            apart: { allowLoopback: false },
          },
          credentials: async () => (knownHosts === undefined ? {} : { knownHosts }),
        },
        async ({ variables }) => variables,
      );

    const https = await apart('https://git.example/a');
    const [bare, known] = [
      await apart('ssh://git@git.example/a'),
      await apart('ssh://git@git.example/a', 'git.example ssh-ed25519 AAAA'),
    ];

    expect(https).toEqual({ HOME: '/dev/null', SSH_AUTH_SOCK: '' });
    for (const ssh of [bare, known]) {
      expect(ssh).toMatchObject({ HOME: '/dev/null', SSH_AUTH_SOCK: '' });
      expect(ssh['GIT_SSH_COMMAND']).toMatch(/^ssh -F none /);
      expect(ssh['GIT_SSH_COMMAND']).toContain(`'-oIdentityFile="none"'`);
      expect(ssh['GIT_SSH_COMMAND']).toContain(`'-oIdentityAgent="none"'`);
    }
    expect(bare['GIT_SSH_COMMAND']).toContain(`'-oUserKnownHostsFile="/dev/null"'`);
  });

  it('hands ssh a quoted command, whatever the folder is called', () => {
    expect(sshCommand({ key: "/tmp/it's 100% $(x)/key" })).toContain(
      `'-oIdentityFile="/tmp/it'\\''s 100%% $(x)/key"'`,
    );
  });
});

describe('told', () => {
  it.each([
    {
      says: "fatal: could not read Username for 'https://x': terminal prompts disabled",
      next: 'credentials',
    },
    {
      says: 'Host key verification failed.\nfatal: Could not read from remote repository.',
      next: 'knownHosts',
    },
    { says: 'git@x: Permission denied (publickey).\nfatal: Could not read', next: 'sshKey' },
    {
      says: "fatal: unable to access 'https://x/': The requested URL returned error: 301",
      next: 'address',
    },
    {
      says: "fatal: unable to access 'https://x/': SSL certificate problem: self-signed",
      next: 'caFile',
    },
    { says: "fatal: repository 'https://x/' not found", next: 'url' },
    { says: "fatal: unable to access 'https://x/': Could not resolve host: x", next: 'server' },
    { says: 'Error: spawn git ENOENT', next: 'install Git' },
    { says: 'setsid: failed to execute git: No such file or directory', next: 'install Git' },
    {
      says: 'error: cannot run ssh: No such file or directory\nfatal: unable to fork',
      next: 'OpenSSH',
    },
    {
      says: 'error: cannot run /bin/sh: No such file or directory\nfatal: unable to fork',
      next: 'OpenSSH',
    },
    { says: 'anything else', next: 'git ls-remote' },
    { says: '', next: 'git ls-remote' },
  ])('says of "$says" what to do: $next', ({ says, next }) => {
    const error = told(new Error(says), []);

    expect(error.code).toBe('SourceUnavailable');
    expect(error.nextStep).toContain(next);
  });

  it.each([
    "fatal: could not read Username for 'https://git.example': terminal prompts disabled",
    "fatal: could not read Password for 'https://robot@git.example': terminal prompts disabled",
  ])('makes a sentence of "%s"', (says) => {
    expect(told(new Error(says), []).message).toBe(
      'the Git server refuses us: the credential is missing, or it is not the right one',
    );
  });

  it('shows one printable line without what is hidden', () => {
    const { message } = told(new Error('fatal: you said s3cret\u001b[31m\nmore'), ['s3cret']);

    expect(message).toMatch(/^[ -~]*$/);
    expect(message).not.toContain('s3cret');
    expect(message).not.toContain('\n');
  });
});

describe('a refused source', () => {
  const options = {
    name: 'team',
    stateDirectory: '/nonexistent',
    git: {} as Git,
    clock: {} as Clock,
    allowFileUrls: false,
  };
  const url = 'https://git.example/a';

  it.each([
    { name: 'url', spec: { url: 'git://git.example/a' }, says: 'only https and ssh are allowed' },
    { name: 'range', spec: { url, ref: { semver: 'lots' } }, says: '"lots" is no range' },
    {
      name: 'policy',
      spec: {
        url,
        ref: { tag: 'v1' },
        signatures: { verify: 'tag', gpgKeys: { env: 'K' }, since: 'a'.repeat(40) },
      },
      says: 'verify tags, and have since',
    },
    { name: 'path', spec: { url, path: '../x' }, says: 'is no path' },
    {
      name: 'credential',
      spec: { url, credentials: { sshKey: { env: 'K' } } },
      says: 'do not fit',
    },
  ] as const)('is named with its $name', ({ spec, says }) => {
    const refused = () => followGit({ ...options, spec });

    expect(refused).toThrow(expect.objectContaining({ code: 'SettingsInvalid' }));
    expect(refused).toThrow(/^source team: /);
    expect(refused).toThrow(says);
  });

  it.each([
    { url: 'file:///srv/a', helps: true },
    { url: 'http://127.0.0.1:8080/a', helps: true },
    { url: 'http://git.example/a', helps: false },
    { url: 'ext::sh -c x', helps: false },
    { url: 'https://a:b@git.example/a', helps: false },
  ])('$url: allowFileUrls is offered: $helps', ({ url: given, helps }) => {
    expect(() => remoteUrl(given, false)).toThrow(
      expect.objectContaining({
        nextStep: helps
          ? expect.stringContaining('allowFileUrls: true')
          : expect.not.stringContaining('allowFileUrls'),
      }),
    );
  });
});

describe('askRemote', () => {
  /** A server that answers anything. */
  function answering(text: string): Git {
    return { text: async () => text } as Partial<Git> as Git;
  }
  const call = {
    url: remoteUrl('https://git.example/a', false),
    directory: '/',
    deadlineMs: 1000,
    access: { variables: {}, hidden: [] },
  };

  it.each([
    { name: 'nothing', answer: '' },
    { name: 'no object id', answer: 'zzz\trefs/heads/main\n' },
    { name: 'half an object id', answer: `${a.slice(1)}\trefs/heads/main\n` },
    { name: 'an option for an object id', answer: '--upload-pack=x\trefs/heads/main\n' },
    { name: 'only other refs', answer: `${a}\trefs/heads/refs/heads/main\n` },
    { name: 'no tab', answer: `${a} refs/heads/main\n` },
  ])('believes nothing of a server that answers $name', async ({ answer }) => {
    await expect(askRemote(answering(answer), call, wantedOf(), never)).rejects.toMatchObject({
      code: 'SourceUnavailable',
    });
  });

  it('takes the commit behind a tag object, and knows the object', async () => {
    const answer = `${a}\trefs/tags/v1.0.0\n${b}\trefs/tags/v1.0.0^{}\n`;

    expect(await askRemote(answering(answer), call, wantedOf({ semver: '1' }), never)).toEqual({
      name: 'refs/tags/v1.0.0',
      commit: b,
      tagObject: a,
    });
  });

  it('is not led astray by hostile names of tags', async () => {
    const names = [
      'v9.9.9/../x',
      'v9.9.9\\n',
      'v9',
      '-v9.9.9',
      'v9.9.9 ',
      'V9.9.9',
      'vv9.9.9',
      '=9.9.9',
    ];
    const answer = [
      ...names.map((name) => `${a}\trefs/tags/${name}`),
      `${b}\trefs/tags/1.0.0`,
    ].join('\n');

    const found = await askRemote(answering(answer), call, wantedOf({ semver: '*' }), never);

    expect(found.name).toBe('refs/tags/1.0.0');
  });
});

describe('a document that sops encrypted', () => {
  function read(file: string, text: string) {
    const bytes = new TextEncoder().encode(text);
    const read = documentsOf([{ kind: 'bytes', file, bytes }], { source: 'team' });
    return { sealed: Object.keys(read.encrypted ?? {}), problems: read.problems.length };
  }
  const yaml = 'apiKey: ENC[AES256_GCM,data:x]\nsops:\n    age:\n        - recipient: age1x\n';

  it.each([
    { name: 'YAML', file: 'keys.yaml', text: yaml },
    { name: 'YAML with CRLF', file: 'keys.yaml', text: yaml.replaceAll('\n', '\r\n') },
    { name: 'YAML in flow', file: 'keys.yaml', text: 'a: ENC[x]\nsops: {age: []}\n' },
    { name: 'JSON', file: 'keys.enc.json', text: '{\n"a": "ENC[x]",\n"sops": {\n"age": []}}' },
    { name: 'JSON as YAML', file: 'keys.yaml', text: '{"a": "ENC[x]", "sops": {"age": []}}' },
  ])('$name is none of the declarations, and no mistake', ({ file, text }) => {
    expect(read(file, text)).toEqual({ sealed: [file], problems: 0 });
  });

  it.each([
    { name: 'the word below the top', text: 'a:\n  sops:\n    b: c\n' },
    { name: 'the word as a value', text: 'sops: "is a word"\n' },
    { name: 'the word in a text', text: 'a: "sops: {}"\n' },
    { name: 'the word in quotes in YAML', text: 'a: b\nc: \'"sops": {\'\n' },
  ])('is not $name', ({ text }) => {
    const { sealed, problems } = read('a.yaml', text);

    expect(sealed).toEqual([]);
    expect(problems).toBeGreaterThan(0);
  });

  it('is told in linear time', () => {
    for (const line of ['{\n', 'sops: \n', '"sops"  ', 'sops:', ' sops']) {
      const { sealed } = read('a.yaml', line.repeat(Math.floor(250_000 / line.length)));
      expect(sealed.length).toBeLessThan(2);
    }
  }, 20_000);
});
