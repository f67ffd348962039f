import { describe, expect, it } from 'vitest';
import { declared, read } from '../yaml/reading.ts';

function told(kind: string, spec: string): readonly string[] {
  return read(declared(kind, spec), 'settings').told;
}

const http = (endpoint: string): string =>
  `  platformId: megapay
  driver: http
  endpoint: ${JSON.stringify(endpoint)}
  clientId: fairlead-ci
  privateKey: { file: key.pem }
  platformPublicKey: { file: pub.pem }`;

describe('PlatformConnection', () => {
  it.each([
    { endpoint: 'https://api.megapay.example', rule: undefined, why: 'encrypted' },
    { endpoint: 'https://api.megapay.example:8443', rule: undefined, why: 'a port of its own' },
    {
      endpoint: 'https://10.1.2.3',
      rule: undefined,
      why: 'a platform may live in the own network, encrypted',
    },
    { endpoint: 'http://127.0.0.1:4010', rule: undefined, why: 'this machine' },
    { endpoint: 'http://localhost:4010', rule: undefined, why: 'this machine by name' },
    { endpoint: 'http://[::1]:4010', rule: undefined, why: 'this machine in IPv6' },
    { endpoint: 'http://api.megapay.example', rule: 'endpoint-https', why: 'in clear' },
    { endpoint: 'http://10.1.2.3', rule: 'endpoint-https', why: 'in clear, in the own network' },
    {
      endpoint: 'http://localhost.evil.example',
      rule: 'endpoint-https',
      why: 'only looks like this machine',
    },
    {
      endpoint: 'http://127.0.0.1.evil.example',
      rule: 'endpoint-https',
      why: 'only looks like this machine',
    },
    { endpoint: 'https://169.254.169.254', rule: 'endpoint-refused', why: 'metadata' },
    {
      endpoint: 'http://169.254.169.254/latest/meta-data/',
      rule: 'endpoint-refused',
      why: 'metadata, with a path',
    },
    { endpoint: 'https://[fd00:ec2::254]', rule: 'endpoint-refused', why: 'metadata in IPv6' },
    {
      endpoint: 'https://[::ffff:169.254.169.254]',
      rule: 'endpoint-refused',
      why: 'IPv4 inside IPv6',
    },
    {
      endpoint: 'https://[64:ff9b::a9fe:a9fe]',
      rule: 'endpoint-refused',
      why: 'IPv4 behind a translator',
    },
    {
      endpoint: 'https://2852039166',
      rule: 'endpoint-refused',
      why: 'the same address as one number',
    },
    {
      endpoint: 'https://0xa9.0xfe.0xa9.0xfe',
      rule: 'endpoint-refused',
      why: 'the same address in hexadecimal',
    },
    {
      endpoint: 'https://metadata.google.internal',
      rule: 'endpoint-refused',
      why: 'metadata by name',
    },
    {
      endpoint: 'https://METADATA.google.internal.',
      rule: 'endpoint-refused',
      why: 'the same name, written differently',
    },
    { endpoint: 'https://169.254.1.1', rule: 'endpoint-refused', why: 'link-local' },
    { endpoint: 'https://[fe80::1]', rule: 'endpoint-refused', why: 'link-local in IPv6' },
    { endpoint: 'https://0.0.0.0', rule: 'endpoint-refused', why: 'every address of this machine' },
    {
      endpoint: 'https://api.megapay.example/api/',
      rule: 'endpoint-form',
      why: 'a path belongs into pathPrefix',
    },
    { endpoint: 'https://api.megapay.example?x=1', rule: 'endpoint-form', why: 'a query' },
    { endpoint: 'https://api.megapay.example#x', rule: 'endpoint-form', why: 'a fragment' },
    {
      endpoint: 'https://user:pass@api.megapay.example',
      rule: 'endpoint-form',
      why: 'credentials',
    },
    { endpoint: 'https://', rule: 'endpoint-form', why: 'no host' },
    { endpoint: 'ftp://api.megapay.example', rule: 'wrong-format', why: 'another protocol' },
    { endpoint: 'file:///etc/passwd', rule: 'wrong-format', why: 'a file' },
  ])('$endpoint: $why', ({ endpoint, rule, why }) => {
    expect(told('PlatformConnection', http(endpoint)), why).toEqual(
      rule === undefined ? [] : [`7:13 ${rule}`],
    );
  });

  const valid = http('https://api.megapay.example');
  it.each([
    {
      name: 'http without its keys',
      spec: '  platformId: m\n  driver: http\n  endpoint: https://a.example',
      rules: ['6:11 driver-needs'],
    },
    {
      name: 'an emulator without its data',
      spec: '  platformId: m\n  driver: emulator',
      rules: ['6:11 driver-needs'],
    },
    {
      name: 'an emulator with its data',
      spec: '  platformId: m\n  driver: emulator\n  dataDir: .world',
      rules: [],
    },
    {
      name: 'a driver that does not exist',
      spec: '  platformId: m\n  driver: snapshot',
      rules: ['6:11 unknown-value'],
    },
    {
      name: 'a key in two places',
      spec: `${valid}\n  fingerprintKey: { env: A, file: b }`,
      rules: ['11:19 exactly-one'],
    },
    { name: 'a key nowhere', spec: `${valid}\n  fingerprintKey: {}`, rules: ['11:19 exactly-one'] },
    {
      name: 'a former key in two places',
      spec: `${valid}\n  previousFingerprintKeys: [{ env: A }, { env: A, file: b }]`,
      rules: ['11:41 exactly-one'],
    },
    {
      name: 'a key written down',
      spec: `${valid}\n  fingerprintKey: { value: abc }`,
      rules: ['11:21 unknown-field'],
    },
    {
      name: 'a grant for somebody',
      spec: `${valid}\n  grants: [{ cli: true }, { sources: [a], workspaces: [w] }]`,
      rules: [],
    },
    {
      name: 'a grant for nobody',
      spec: `${valid}\n  grants: [{ workspaces: [w] }]`,
      rules: ['11:12 grant-for-nobody'],
    },
    {
      name: 'a grant that is not one',
      spec: `${valid}\n  grants: [{ cli: false }]`,
      rules: ['11:19 unknown-value'],
    },
    {
      name: 'more than all',
      spec: `${valid}\n  gates: { maxPercent: 101 }`,
      rules: ['11:24 out-of-range'],
    },
    {
      name: 'a gate that is off',
      spec: `${valid}\n  gates: { maxPercent: "off", clearTesters: "off" }`,
      rules: [],
    },
    {
      name: 'a gate off without quotes',
      spec: `${valid}\n  gates: { maxPercent: off }`,
      rules: ['11:24 yaml-ambiguous'],
    },
    {
      name: 'a gate of words',
      spec: `${valid}\n  gates: { maxChanges: many }`,
      rules: ['11:24 wrong-type'],
    },
    {
      name: 'a negative gate',
      spec: `${valid}\n  gates: { maxChanges: -1 }`,
      rules: ['11:24 wrong-type'],
    },
    {
      name: 'a deadline of nothing',
      spec: `${valid}\n  timeoutSeconds: 0`,
      rules: ['11:19 out-of-range'],
    },
    { name: 'half a writer', spec: `${valid}\n  maxWriters: 1.5`, rules: ['11:15 wrong-type'] },
    {
      name: 'a prefix without its slash',
      spec: `${valid}\n  pathPrefix: /api`,
      rules: ['11:15 wrong-format'],
    },
    {
      name: 'a route of a misspelt operation',
      spec: `${valid}\n  routes: { getRelases: v2/get }`,
      rules: ['11:13 unknown-field'],
    },
    {
      name: 'a route with a query',
      spec: `${valid}\n  routes: { getRelease: "v2/get?x" }`,
      rules: ['11:25 wrong-format'],
    },
  ])('$name', ({ spec, rules }) => {
    expect(told('PlatformConnection', spec)).toEqual(rules);
  });
});

describe('Settings', () => {
  it.each([
    {
      name: 'a secret for its users',
      spec: '  secrets: [{ name: a, for: [cli], keys: { k: { env: A } } }]',
      rules: [],
    },
    {
      name: 'one name for two users',
      spec: '  secrets:\n  - { name: a, for: [cli], keys: { k: { env: A } } }\n  - { name: a, for: [shop], keys: { k: { env: B } } }',
      rules: [],
    },
    {
      name: 'one name twice for a user',
      spec: '  secrets:\n  - { name: a, for: [cli], keys: { k: { env: A } } }\n  - { name: a, for: [shop, cli], keys: { k: { env: B } } }',
      rules: ['7:13 duplicate-secret'],
    },
    {
      name: 'one name for all and for a user',
      spec: '  secrets:\n  - { name: a, keys: { k: { env: A } } }\n  - { name: a, for: [cli], keys: { k: { env: B } } }',
      rules: ['7:13 duplicate-secret'],
    },
    {
      name: 'a key in two places',
      spec: '  secrets: [{ name: a, keys: { k: { env: A, file: b } } }]',
      rules: ['5:35 exactly-one'],
    },
    {
      name: 'a key written down',
      spec: '  secrets: [{ name: a, keys: { k: hunter2 } }]',
      rules: ['5:35 wrong-type'],
    },
  ])('$name', ({ spec, rules }) => {
    expect(told('Settings', spec)).toEqual(rules);
  });
});

describe('GitSource', () => {
  it.each([
    'https://git.example/shop.git',
    'https://git.example:8443/a/b',
    'ssh://git@git.example/shop.git',
    'git@git.example:shop/releases.git',
    'file:///srv/shop.git',
  ])('%s is asked for', (url) => {
    expect(told('GitSource', `  url: ${url}`)).toEqual([]);
  });

  it.each([
    'ext::sh -c touch% /tmp/x',
    '--upload-pack=/bin/sh',
    '-u',
    'ssh://-oProxyCommand=x/y',
    'git@-oProxyCommand=x:y',
    'http://git.example/shop.git',
    'git://git.example/shop.git',
    '/srv/shop.git',
    '../shop.git',
    'https://user:token@git.example/shop.git',
    'https://token@git.example/shop.git',
    'ssh://git:secret@git.example/shop.git',
    'https://git.example/shop.git --upload-pack=x',
    'https://169.254.169.254/latest',
    'git@169.254.169.254:latest',
    'ssh://git@[fd00:ec2::254]/latest',
  ])('%s is refused', (url) => {
    expect(told('GitSource', `  url: ${JSON.stringify(url)}`)).toEqual(['5:8 git-url']);
  });

  it.each([
    { ref: '{ branch: main }', rules: [] },
    { ref: '{ branch: team/shop-2 }', rules: [] },
    { ref: '{ tag: v1.4.0 }', rules: [] },
    { ref: '{ tag: ^1.4 }', rules: [] },
    { ref: '{ tag: ">=1.0 <2.0" }', rules: [] },
    { ref: '{ branch: main, tag: v1 }', rules: ['6:8 exactly-one'] },
    { ref: '{}', rules: ['6:8 exactly-one'] },
    { ref: '{ branch: --upload-pack=x }', rules: ['6:18 git-ref'] },
    { ref: '{ branch: a..b }', rules: ['6:18 git-ref'] },
    { ref: '{ branch: "a b" }', rules: ['6:18 git-ref'] },
    { ref: '{ branch: "+main:main" }', rules: ['6:18 git-ref'] },
    { ref: '{ branch: "main@{1}" }', rules: ['6:18 git-ref'] },
    { ref: '{ branch: .hidden }', rules: ['6:18 git-ref'] },
    { ref: '{ branch: a/.b }', rules: ['6:18 git-ref'] },
    { ref: '{ branch: a.lock }', rules: ['6:18 git-ref'] },
    { ref: '{ tag: "$(id)" }', rules: ['6:15 git-ref'] },
  ])('ref $ref', ({ ref, rules }) => {
    expect(told('GitSource', `  url: https://git.example/a\n  ref: ${ref}`)).toEqual(rules);
  });

  const list = 'gpgKeys: { file: keys.asc }';
  const since = `since: ${'a'.repeat(40)}`;
  it.each([
    { ref: 'branch: main', policy: `{ verify: commits, ${list}, ${since} }`, rules: [] },
    { ref: 'tag: v1', policy: `{ verify: tag, ${list} }`, rules: [] },
    { ref: 'semver: "^1"', policy: `{ verify: tag, ${list} }`, rules: [] },
    { ref: 'branch: main', policy: '{ verify: commits }', rules: ['7:15 signature-policy'] },
    {
      ref: 'branch: main',
      policy: `{ verify: tag, ${list} }`,
      rules: ['7:25 signature-policy'],
    },
    {
      ref: 'tag: v1',
      policy: `{ verify: tag, ${list}, ${since} }`,
      rules: ['7:66 signature-policy'],
    },
  ])('$ref, signatures $policy', ({ ref, policy, rules }) => {
    const spec = `  url: https://git.example/a\n  ref: { ${ref} }\n  signatures: ${policy}`;
    expect(told('GitSource', spec)).toEqual(rules);
  });

  it('says what a commit id looks like', () => {
    const policy = `{ verify: commits, ${list}, since: 6b1f3a9 }`;
    const spec = `  url: https://git.example/a\n  signatures: ${policy}`;
    const [problem] = read(declared('GitSource', spec), 'settings').problems;

    expect(problem?.nextStep).toBe('Allowed: a whole commit id: 40 or 64 hexadecimal digits.');
  });

  it.each([
    { path: 'releases/production', rules: [] },
    { path: '/etc', rules: ['6:9 git-path'] },
    { path: '../other', rules: ['6:9 git-path'] },
    { path: 'a/../../b', rules: ['6:9 git-path'] },
    { path: 'a..b', rules: [] },
  ])('path $path', ({ path, rules }) => {
    expect(told('GitSource', `  url: https://git.example/a\n  path: ${path}`)).toEqual(rules);
  });
});
