import { describe, expect, it } from 'vitest';
import type { TrustedConnection } from '../../../src/core/resolve/resolve.ts';
import {
  found,
  load,
  program,
  release,
  releases,
  resolveFiles,
  resolveSources,
  stream,
} from './world.ts';

const documents = stream(
  program(
    '  globalConfig: { merchantId: G }\n  targets: [{ app: a, environment: Test }, { app: a, environment: Production }]',
  ),
  release('1.0.0', '  environments: [Test, Production]'),
);
const granted = { production: {}, test: {}, global: undefined };
const refused = { production: 'NotGranted', test: 'NotGranted', global: 'NotGranted' };

interface Row {
  readonly name: string;
  readonly why: string;
  readonly source: string;
  readonly grants?: TrustedConnection['grants'];
  readonly kubernetes?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly actAs?: string;
  readonly expected: {
    readonly production: unknown;
    readonly test: unknown;
    readonly global: unknown;
  };
}

const rows: readonly Row[] = [
  {
    name: 'no grants in files: everything',
    why: 'one source, one team',
    source: 'team',
    expected: granted,
  },
  {
    name: 'no grants in Kubernetes: nobody',
    why: 'anybody may create objects',
    source: 'team',
    kubernetes: { team: {} },
    expected: refused,
  },
  {
    name: 'a source not named by any grant: nothing',
    why: 'grants bind every source',
    source: 'team',
    grants: [{ sources: ['other'] }],
    expected: refused,
  },
  {
    name: 'a source named: what the grant says',
    why: 'omitted means all',
    source: 'team',
    grants: [{ sources: ['team'] }],
    expected: granted,
  },
  {
    name: 'a grant of one environment: releases there, no global configuration',
    why: 'the global configuration reaches every environment',
    source: 'team',
    grants: [{ sources: ['team'], environments: ['Test'] }],
    expected: { production: 'NotGranted', test: {}, global: 'NotGranted' },
  },
  {
    name: 'two grants add up',
    why: 'each grant allows what it says',
    source: 'team',
    grants: [
      { sources: ['team'], environments: ['Test', 'Sandbox'] },
      { sources: ['team'], environments: ['Production', 'Development'] },
    ],
    expected: granted,
  },
  {
    name: 'another workspace: nothing',
    why: 'the grant names where',
    source: 'team',
    grants: [{ sources: ['team'], workspaces: ['bcme'] }],
    expected: refused,
  },
  {
    name: 'another mini program: nothing',
    why: 'the grant names which',
    source: 'team',
    grants: [{ sources: ['team'], miniPrograms: ['36'] }],
    expected: refused,
  },
  {
    name: 'this workspace and program: granted',
    why: 'all conditions hold',
    source: 'team',
    grants: [{ sources: ['team'], workspaces: ['acme'], miniPrograms: ['35'] }],
    expected: granted,
  },
  {
    name: 'a namespace by name',
    why: 'Kubernetes',
    source: 'team',
    kubernetes: { team: {} },
    grants: [{ namespaces: ['team'] }],
    expected: granted,
  },
  {
    name: 'every namespace',
    why: '"*" is every one',
    source: 'team',
    kubernetes: { team: {} },
    grants: [{ namespaces: ['*'] }],
    expected: granted,
  },
  {
    name: 'a namespace by its labels',
    why: 'all labels match',
    source: 'team',
    kubernetes: { team: { tier: 'gold', other: 'x' } },
    grants: [{ namespaceSelector: { matchLabels: { tier: 'gold' } } }],
    expected: granted,
  },
  {
    name: 'a namespace with another label',
    why: 'one label differs',
    source: 'team',
    kubernetes: { team: { tier: 'tin' } },
    grants: [{ namespaceSelector: { matchLabels: { tier: 'gold' } } }],
    expected: refused,
  },
  {
    name: 'a Git source is no namespace',
    why: 'a file source may not borrow a namespace’s grant',
    source: 'team',
    grants: [{ namespaces: ['*'] }],
    expected: refused,
  },
  {
    name: 'a namespace is no Git source',
    why: 'a GitSource object has exactly its namespace’s rights',
    source: 'team',
    kubernetes: { team: {} },
    grants: [{ sources: ['team'] }],
    expected: refused,
  },
  {
    name: 'plain files are not bound by grants of others',
    why: 'only grants that name cli bind them',
    source: 'cli',
    grants: [{ sources: ['team'], environments: ['Test'] }],
    expected: granted,
  },
  {
    name: 'plain files are bound by grants that name cli',
    why: 'the administrator spoke of them',
    source: 'cli',
    grants: [{ sources: ['team'] }, { cli: true, environments: ['Test'] }],
    expected: { production: 'NotGranted', test: {}, global: 'NotGranted' },
  },
  {
    name: '--as binds plain files like the source',
    why: 'to see what that source may do',
    source: 'cli',
    actAs: 'team',
    grants: [{ sources: ['team'], miniPrograms: ['36'] }],
    expected: refused,
  },
  {
    name: '--as a granted source',
    why: 'its grant covers everything',
    source: 'cli',
    actAs: 'team',
    grants: [{ sources: ['team'] }, { cli: true, environments: ['Test'] }],
    expected: granted,
  },
];

describe('grants', () => {
  it.each(rows)('$name', ({ source, grants, kubernetes, actAs, expected, why }) => {
    const trust = {
      connections: { default: { platformId: 'p', ...(grants && { grants }) } },
      order: [],
      ...(kubernetes && { namespaces: kubernetes }),
      ...(actAs && { actAs }),
    };

    const { programs, problems } = resolveSources([load({ 'a.yaml': documents }, source)], trust);

    const byTarget = releases(programs);
    expect(problems, why).toEqual([]);
    expect(
      {
        production: byTarget['1.0.0 a/Production'],
        test: byTarget['1.0.0 a/Test'],
        global: programs[0]!.global!.barrier?.reason,
      },
      why,
    ).toEqual(expected);
  });
});

describe('connections', () => {
  it('keys programs by the platform behind the connection, not by its name', () => {
    const { programs } = resolveFiles(
      { 'a.yaml': documents },
      { connections: { default: { platformId: 'p' } }, order: [] },
    );

    expect(programs.map(({ key, connection }) => [key.platform, connection])).toEqual([
      ['p', 'default'],
    ]);
  });

  it.each([
    { written: 'defualt', hint: 'Did you mean default?', why: 'a misspelt name' },
    {
      written: 'megaplatform',
      hint: 'Did you mean default?',
      why: 'the platform’s id instead of the connection’s name',
    },
    { written: 'elsewhere', hint: 'Known are: default, east.', why: 'nothing near' },
  ])('takes everything out whose connection $written is not known', ({ written, hint, why }) => {
    const text = documents.replace(
      '  workspace: acme',
      `  connection: ${written}\n  workspace: acme`,
    );
    const connections = { east: { platformId: 'other' }, default: { platformId: 'megaplatform' } };

    const { programs, problems } = resolveFiles({ 'a.yaml': text }, { connections, order: [] });

    expect(found(problems), why).toEqual(['connection-not-found a.yaml:5']);
    expect(problems[0]!.nextStep, why).toContain(hint);
    expect(releases(programs), why).toEqual({
      '1.0.0 a/Production': 'ReferenceNotFound',
      '1.0.0 a/Test': 'ReferenceNotFound',
    });
    expect(programs[0]!.global!.barrier!.reason, why).toBe('ReferenceNotFound');
    expect(programs[0]!.key.platform, 'never the key of a real platform').toBe(
      `unknown:${written}`,
    );
  });

  it('does not take a property of every object for a connection', () => {
    const text = documents.replace(
      '  workspace: acme',
      '  connection: constructor\n  workspace: acme',
    );

    const { problems } = resolveFiles({ 'a.yaml': text }, { connections: {}, order: [] });

    expect(found(problems)).toEqual(['connection-not-found a.yaml:5']);
  });
});
