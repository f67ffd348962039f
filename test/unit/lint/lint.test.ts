import { describe, expect, it } from 'vitest';
import { declared } from '../yaml/reading.ts';
import { linted } from './linting.ts';

const home = '  workspace: acme\n  id: "35"\n';

/** A program (from line 1) and a release of it to its standing targets. */
function shop(spec: string): string {
  const program = declared('MiniProgram', `${home}${spec}`);
  const release = declared(
    'MiniProgramRelease',
    '  miniProgram: coffee\n  version: 2.4.0\n  environments: [Sandbox, Production]',
  );
  return `${program}---\n${release}`;
}

/** Lines 7 to 9: both standing targets with the given bodies. */
function targets(sandbox: string, production: string): string {
  return `  targets:
  - { app: megapay, environment: Sandbox${sandbox} }
  - { app: megapay, environment: Production${production} }`;
}

const list = (count: number, name: (index: number) => string): string =>
  `[${Array.from({ length: count }, (_, index) => name(index)).join(', ')}]`;

describe('values as they are written', () => {
  it.each([
    {
      name: 'a domain of a layer',
      spec: '  config: { serverDomains: ["http://api.acme.example"] }',
      told: ['5:29 domain-insecure'],
    },
    {
      name: 'a domain that is added',
      spec: '  extend: { wapUrls: [localhost] }',
      told: ['5:23 domain-localhost'],
    },
    {
      name: 'a space in front',
      spec: '  config: { merchantId: " M-77" }',
      told: ['5:25 surrounding-space'],
    },
    {
      name: 'a tester with a space behind',
      spec: '  config: { testers: ["2088001 "] }',
      told: ['5:23 surrounding-space'],
    },
    {
      name: 'a secret in clear',
      spec: '  config: { environmentVariables: [{ name: API_KEY, value: hunter2hunter2 }] }',
      told: ['5:60 secret-literal'],
    },
    {
      name: 'a secret by reference',
      spec: '  config: { environmentVariables: [{ name: API_KEY, valueFrom: { secretKeyRef: { name: a, key: b } } }] }',
      told: [],
    },
    {
      name: 'a merchant id like a token',
      spec: '  config: { merchantId: q7Zp0Lw3Xv9Rt2Ky8Nd5Mb1Cs6 }',
      told: [],
    },
  ])('$name', ({ spec, told }) => {
    expect(linted(declared('ConfigProfile', spec)).told).toEqual(told);
  });

  it('never repeats what may be a secret', () => {
    const { problems } = linted(
      declared(
        'ConfigProfile',
        '  config: { environmentVariables: [{ name: API_KEY, value: hunter2hunter2 }] }',
      ),
    );

    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});

describe('what releases come to', () => {
  it.each([
    {
      name: 'one merchant id in Sandbox and Production',
      spec: targets(', config: { merchantId: M-1 }', ', config: { merchantId: M-1 }'),
      told: ['9:68 merchant-in-both'],
    },
    {
      name: 'one merchant id for both from the global configuration',
      spec: `  globalConfig: { merchantId: M-1 }\n${targets('', '')}`,
      told: ['7:31 merchant-in-both'],
    },
    {
      name: 'two merchant ids',
      spec: targets(', config: { merchantId: M-T }', ', config: { merchantId: M-1 }'),
      told: [],
    },
    {
      name: 'a test host in Production',
      spec: targets('', ', config: { serverDomains: [api.acme.example, sandbox.acme.example] }'),
      told: ['9:90 sandbox-host-in-production'],
    },
    {
      name: 'a test host in Sandbox',
      spec: targets(', config: { serverDomains: [sandbox.acme.example] }', ''),
      told: [],
    },
    {
      name: 'a test host for everybody',
      spec: `  globalConfig: { serverDomains: [uat.acme.example] }\n${targets('', '')}`,
      told: ['7:35 sandbox-host-in-production'],
    },
    {
      name: 'a test host for everybody that Production replaces',
      spec: `  globalConfig: { serverDomains: [uat.acme.example] }\n${targets('', ', config: { serverDomains: [api.acme.example] }')}`,
      told: [],
    },
    {
      name: 'a test host in a variable of Production',
      spec: targets(
        '',
        ', config: { environmentVariables: [{ name: HOST, value: "https://sandbox.acme.example/pay" }] }',
      ),
      told: ['9:79 sandbox-host-in-production'],
    },
    {
      name: 'an override equal to the global value',
      spec: `  globalConfig: { clientId: C }\n${targets(', config: { clientId: C }', '')}`,
      told: ['9:63 equal-to-global'],
    },
    {
      name: 'an override equal to the global list in another order',
      spec: `  globalConfig: { testers: [a, b] }\n${targets(', config: { testers: [b, a] }', '')}`,
      told: ['9:62 equal-to-global'],
    },
    {
      name: 'an override that differs',
      spec: `  globalConfig: { clientId: C }\n${targets(', config: { clientId: D }', '')}`,
      told: [],
    },
    {
      name: '31 domains',
      spec: `  config: { serverDomains: ${list(31, (index) => `a${index}.acme.example`)} }\n${targets('', '')}`,
      told: ['7:28 too-many-domains'],
    },
    {
      name: '30 domains',
      spec: `  config: { serverDomains: ${list(30, (index) => `a${index}.acme.example`)} }\n${targets('', '')}`,
      told: [],
    },
    {
      name: '20 domains and 11 more',
      spec: `  config: { wapUrls: ${list(20, (index) => `a${index}.acme.example`)} }\n${targets(`, extend: { wapUrls: ${list(11, (index) => `b${index}.acme.example`)} }`, '')}`,
      told: ['9:62 too-many-domains'],
    },
    {
      name: '101 testers',
      spec: `  globalConfig: { testers: ${list(101, (index) => `t${index}`)} }\n${targets('', '')}`,
      told: ['7:28 too-many-testers'],
    },
    {
      name: 'nothing to unset',
      spec: `  unset: [merchantId]\n${targets('', '')}`,
      told: ['7:11 unset-nothing'],
    },
  ])('$name', ({ spec, told }) => {
    expect(linted(shop(spec)).told).toEqual(told);
  });

  it('tells a profile only where it changes nothing for anybody', () => {
    const profile = declared('ConfigProfile', '  config: { clientId: C }').replace(
      'name: coffee',
      'name: pay',
    );
    const global = '  globalConfig: { clientId: C }\n  profiles: [pay]\n';
    const everywhere = `${shop(`${global}${targets('', '')}`)}---\n${profile}`;
    const needed = `${shop(`  globalConfig: { clientId: D }\n  profiles: [pay]\n${targets('', '')}`)}---\n${profile}`;

    expect(linted(everywhere).told).toEqual(['25:23 equal-to-global']);
    expect(linted(needed).told).toEqual([]);
  });

  it('tells a line that many releases share once', () => {
    const releases = Array.from({ length: 5 }, (_, index) =>
      declared(
        'MiniProgramRelease',
        `  miniProgram: coffee\n  version: 2.${index}.0\n  environments: [Production]`,
      ).replace('name: coffee', `name: coffee-${index}`),
    );
    const program = declared(
      'MiniProgram',
      `${home}${targets('', ', config: { serverDomains: [uat.acme.example] }')}`,
    );

    expect(linted([program, ...releases].join('---\n')).told).toEqual([
      '9:72 sandbox-host-in-production',
    ]);
  });

  it('names the other place of one merchant id', () => {
    const { problems } = linted(
      shop(targets(', config: { merchantId: M-1 }', ', config: { merchantId: M-1 }')),
    );

    expect(problems[0]?.related).toEqual([{ file: 'shop.yaml', line: 8, column: 65 }]);
  });
});
