import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { CliError } from '../../../src/cli/exit.ts';
import {
  connectionsFile,
  loadAdministration,
  loadAdministrationIfAny,
  type Administration,
} from '../../../src/cli/settings.ts';
import { fakeSession } from '../../support/session.ts';

const connection = (name: string, spec: string) => `apiVersion: fairlead.dev/v1alpha1
kind: PlatformConnection
metadata: { name: ${name} }
spec: { driver: http, privateKey: { file: k.pem }, platformPublicKey: { file: p.pem }, ${spec} }
`;
const source = (name: string) => `apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: ${name} }
spec: { url: "https://git.example/${name}" }
`;
const settings = (spec: string) => `apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec: ${spec}
`;
const good = connection('default', 'platformId: m, endpoint: "https://a.example", clientId: c');

async function load(...documents: readonly string[]): Promise<Administration> {
  const dir = await mkdtemp(join(tmpdir(), 'fairlead-settings-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'fairlead.yaml');
  await writeFile(file, documents.join('---\n'));
  return loadAdministration(fakeSession({}, { connections: file }));
}

async function rulesOf(...documents: readonly string[]): Promise<readonly string[]> {
  try {
    await load(...documents);
    return [];
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return error.problems.map(({ rule }) => rule);
  }
}

describe('the administrator’s settings', () => {
  it('are read once and frozen, paths relative to their file', async () => {
    const administration = await load(good, source('shop'), settings('{ installation: here }'));

    expect(administration.connections.map(({ name }) => name)).toEqual(['default']);
    expect(administration.sources.map(({ name }) => name)).toEqual(['shop']);
    expect(administration.settings.installation).toBe('here');
    expect(administration.path('k.pem')).toBe(join(administration.file, '..', 'k.pem'));
    expect(administration.path('/abs/k.pem')).toBe('/abs/k.pem');
    expect(Object.isFrozen(administration)).toBe(true);
  });

  it.each([
    { name: 'nothing wrong', documents: [good], expected: [] },
    {
      name: 'two of one name',
      documents: [good, good.replace('platformId: m', 'platformId: other')],
      expected: ['duplicate-identity'],
    },
    {
      name: 'one platform, one client, twice',
      documents: [good, good.replace('name: default', 'name: again')],
      expected: ['platform-twice'],
      why: 'two rate budgets, and two opinions of who may declare what',
    },
    ...[
      'https://A.Example',
      'https://a.example:443',
      'https://a.example/',
      'https://a.example:443/',
    ].map((endpoint) => ({
      name: `one platform, two clients, one endpoint spelled ${endpoint}`,
      documents: [
        good,
        good
          .replace('name: default', 'name: again')
          .replace('clientId: c', 'clientId: d')
          .replace(/https:\/\/a\.example[^ ,"]*/, endpoint),
      ],
      expected: [],
      why: 'it is one endpoint',
    })),
    {
      name: 'one platform at two endpoints',
      documents: [
        good,
        good
          .replace('name: default', 'name: again')
          .replace('a.example', 'b.example')
          .replace('clientId: c', 'clientId: d'),
      ],
      expected: ['platform-twice'],
    },
    {
      name: 'one platform, two clients',
      documents: [
        good,
        good.replace('name: default', 'name: again').replace('clientId: c', 'clientId: d'),
      ],
      expected: [],
      why: 'a client of each team is good practice',
    },
    {
      name: 'two sources and no grants',
      documents: [good, source('a'), source('b')],
      expected: ['grants-required'],
    },
    { name: 'one source and no grants', documents: [good, source('a')], expected: [] },
    {
      name: 'a secret of nobody, beside a source',
      documents: [
        good,
        source('a'),
        settings('{ secrets: [{ name: s, keys: { k: { env: X } } }] }'),
      ],
      expected: ['secret-owner-required'],
    },
    {
      name: 'a secret of nobody, without a source',
      documents: [good, settings('{ secrets: [{ name: s, keys: { k: { env: X } } }] }')],
      expected: [],
    },
    {
      name: 'two Settings',
      documents: [good, settings('{}'), settings('{}').replace('name: settings', 'name: more')],
      expected: ['one-settings'],
    },
    {
      name: 'an unknown field',
      documents: [good.replace('clientId', 'clientid')],
      expected: ['unknown-field'],
    },
  ])('$name', async ({ documents, expected, why }) => {
    expect(await rulesOf(...documents), why).toEqual(expect.arrayContaining(expected));
    expect((await rulesOf(...documents)).length === 0, why).toBe(expected.length === 0);
  });
});

describe('where settings are looked for', () => {
  const named = { connectionsFile: '/env/c.yaml' };

  it.each([
    {
      name: 'the option first',
      environment: named,
      options: { connections: '/opt/c.yaml' },
      expected: { file: '/opt/c.yaml', named: true },
    },
    {
      name: 'then the variable',
      environment: named,
      options: {},
      expected: { file: '/env/c.yaml', named: true },
    },
    {
      name: 'then the folder of the user',
      environment: {},
      options: {},
      expected: { file: '/nowhere/connections.yaml', named: false },
    },
  ])('$name', ({ environment, options, expected }) => {
    expect(connectionsFile(fakeSession(environment, options))).toEqual(expected);
  });

  it('a file that somebody named must be there; the default need not', async () => {
    const nobody = fakeSession();
    const somebody = fakeSession({}, { connections: '/nowhere/else.yaml' });

    expect(await loadAdministrationIfAny(nobody)).toBeUndefined();
    await expect(loadAdministrationIfAny(somebody)).rejects.toMatchObject({
      code: 'SettingsNotFound',
    });
  });
});

describe('reviews of pull requests', () => {
  const reviewed = (review: string, more = '') =>
    `${source('shop').replace(/ \}\n$/, '')}, review: { ${review} }${more} }\n`;
  const token = 'token: { env: FORGE_TOKEN }';

  it.each([
    { name: 'a token', review: `forge: github, repository: acme/wallets, ${token}` },
    {
      name: 'an App',
      review:
        'forge: github, repository: acme/wallets, app: { id: "12", privateKey: { file: app.pem } }',
    },
    {
      name: 'a Gitea',
      review: `forge: gitea, url: "https://git.example", repository: acme/wallets, ${token}`,
    },
  ])('may be made with $name', async ({ review }) => {
    expect(await rulesOf(good, reviewed(review))).toEqual([]);
  });

  it.each([
    { name: 'no credential', review: 'forge: github, repository: acme/wallets', more: '' },
    {
      name: 'two credentials',
      review: `forge: github, repository: a/w, ${token}, app: { id: "1", privateKey: { file: a } }`,
      more: '',
    },
    {
      name: 'an App of GitLab',
      review: 'forge: gitlab, repository: a/w, app: { id: "1", privateKey: { file: a } }',
      more: '',
    },
    { name: 'a Gitea nowhere', review: `forge: gitea, repository: a/w, ${token}`, more: '' },
    {
      name: 'a tag, to which no pull request goes',
      review: `forge: github, repository: a/w, ${token}`,
      more: ', ref: { tag: v1 }',
    },
  ])('are refused with $name', async ({ review, more }) => {
    expect(await rulesOf(good, reviewed(review, more))).toEqual(['review-incomplete']);
  });

  describe('by two sources of one repository', () => {
    const two = (a: string, b: string) =>
      `${reviewed(a)}---\n${reviewed(b).replace('{ name: shop }', '{ name: kiosk }')}`;
    // With two sources the connection needs grants, which are no matter here.
    const rules = async (a: string, b: string) =>
      (await rulesOf(good, two(a, b))).filter((rule) => rule !== 'grants-required');
    const at = (more: string, repository = 'acme/wallets') =>
      `forge: github, repository: ${repository}, ${token}${more}`;

    it.each([
      { name: 'no name', a: at(''), b: at(''), why: 'both are called default' },
      { name: 'one name', a: at(', name: a'), b: at(', name: a'), why: 'statuses are one set' },
      { name: 'default, said and not', a: at(''), b: at(', name: default'), why: 'it is the same' },
      {
        name: 'another spelling',
        a: at(''),
        b: at(', url: "https://GitHub.com/"', 'Acme/Wallets'),
        why: 'it is the same repository',
      },
    ])('with $name are refused: $why', async ({ a, b }) => {
      expect(await rules(a, b)).toEqual(['review-twin']);
    });

    it.each([
      { name: 'names of their own', a: at(', name: a'), b: at(', name: b') },
      { name: 'other repositories', a: at(''), b: at('', 'acme/coffee') },
    ])('may be made with $name', async ({ a, b }) => {
      expect(await rules(a, b)).toEqual([]);
    });
  });
});
