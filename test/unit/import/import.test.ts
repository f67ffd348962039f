import { describe, expect, it } from 'vitest';
import { statuses } from '../../../src/core/words/statuses.ts';
import { coffee, imported, key, list, planOf, record, sealed, text } from './world.ts';

const actions = (
  releases: Parameters<typeof imported>[0],
  more: Parameters<typeof imported>[1] = {},
) => {
  const { files, problems } = imported(releases, more);
  expect(problems).toEqual([]);
  const plan = planOf(files, more.program ?? coffee, releases);
  return Object.fromEntries(
    plan.changes.map((change) => [
      `${change.key.version} ${change.key.app}/${change.key.environment}`,
      change.action,
    ]),
  );
};

describe('import', () => {
  it('writes a program, its profiles and a file per version', () => {
    const qa = { testers: list('2088002', '2088001') };
    const releases = [
      record('2.4.0', 'megapay/Production', 'NewVersionCreated', {
        merchantId: text('M-77'),
        'environmentVariables/KEY': sealed('s3cret'),
      }),
      record('2.4.0', 'megapay/Sandbox', 'NewVersionCreated', {
        merchantId: text('M-77-T'),
        ...qa,
      }),
      record('2.4.0', 'tapngo/Sandbox', 'NewVersionCreated', qa),
      record(
        '2.3.0',
        'megapay/Production',
        'FullRelease',
        { merchantId: text('M-76') },
        { merchantId: text('M-76') },
      ),
    ];
    const program = {
      ...coffee,
      global: { ...coffee.global, config: { serverDomains: list('https://api.acme.example') } },
    };

    const { files, problems } = imported(releases, { program });

    expect(problems).toEqual([]);
    expect(Object.fromEntries(files.map((file) => [file.path, file.text]))).toEqual({
      'coffee/program.yaml': `# Coffee: where it lives, and what is the same in every version.

apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata:
  name: coffee
spec:
  workspace: acme
  id: "3500020208396321"
  globalConfig:
    serverDomains:
      - https://api.acme.example
  targets:
    - app: megapay
      environment: Production
      config:
        merchantId: M-77
    - app: megapay
      environment: Sandbox
      profiles:
        - coffee-testers-sandbox
      config:
        merchantId: M-77-T
    - app: tapngo
      environment: Sandbox
      profiles:
        - coffee-testers-sandbox
`,
      'coffee/profiles.yaml': `apiVersion: fairlead.dev/v1alpha1
kind: ConfigProfile
metadata:
  name: coffee-testers-sandbox
spec:
  config:
    testers:
      - "2088001"
      - "2088002"
`,
      'coffee/releases/coffee-2.4.0.yaml': `# megapay/Production (NewVersionCreated) has environment variables that are not written here: KEY

apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata:
  name: coffee-2.4.0
spec:
  miniProgram: coffee
  version: 2.4.0
  environments:
    - Production
    - Sandbox
`,
      'coffee/releases/coffee-2.3.0.yaml': `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata:
  name: coffee-2.3.0
spec:
  miniProgram: coffee
  version: 2.3.0
  environments:
    - Production
  targets:
    - app: megapay
      environment: Production
      config:
        merchantId: M-76
`,
    });
  });

  it('adopts what can still be edited and leaves the rest unchanged, in every status', () => {
    const releases = statuses.map((status, index) =>
      record(
        `1.${index}.0`,
        'megapay/Test',
        status,
        { merchantId: text('M'), testers: list('t'), 'environmentVariables/KEY': sealed('x') },
        status === 'NewVersionCreated' ? undefined : { merchantId: text('M'), testers: list('t') },
      ),
    );

    expect(actions(releases)).toEqual({
      '1.0.0 megapay/Test': 'adopt',
      '1.1.0 megapay/Test': 'unchanged',
      '1.2.0 megapay/Test': 'unchanged',
      '1.3.0 megapay/Test': 'unchanged',
      '1.4.0 megapay/Test': 'unchanged',
      '1.5.0 megapay/Test': 'unchanged',
    });
    expect(actions(releases, { all: true })).toMatchObject({ '1.7.0 megapay/Test': 'unchanged' });
    expect(imported(releases).notes.map(({ kind }) => kind)).toEqual([
      ...Array.from({ length: 6 }, () => 'imported'),
      'canceled',
      'archived',
    ]);
  });

  it.each([
    {
      name: 'what was frozen, where it differs from today',
      why: 'that is what a declaration is compared with',
      release: record(
        '1.0.0',
        'a/Test',
        'FullRelease',
        { testers: list('now') },
        { testers: list('then') },
      ),
      declared: 'testers:\n        - then',
    },
    {
      name: 'today’s testers in pilot testing',
      why: 'they can still be changed',
      release: record(
        '1.0.0',
        'a/Test',
        'PilotTesting',
        { testers: list('now') },
        { testers: list('then') },
      ),
      declared: 'testers:\n        - now',
    },
    {
      name: 'nothing that was inherited when it was frozen',
      why: 'the release does not set it',
      release: record('1.0.0', 'a/Test', 'FullRelease', {}, { merchantId: text('inherited') }),
      declared: undefined,
    },
  ])('declares $name', ({ release, declared, why }) => {
    const { files, problems } = imported([release]);
    const all = files.map((file) => file.text).join('');

    expect(problems, why).toEqual([]);
    if (declared === undefined) expect(all, why).not.toContain('config');
    else expect(all.replaceAll(/\n\s{8,}- /g, '\n        - '), why).toContain(declared);
    expect(actions([release]), why).toEqual({ '1.0.0 a/Test': 'unchanged' });
  });

  it('writes the value of a variable only if its name is given', () => {
    const variables = {
      'environmentVariables/HOST': sealed('https://pay.example'),
      'environmentVariables/KEY': sealed('k9-canary'),
    };
    const releases = [
      record('1.0.0', 'a/Test', 'NewVersionCreated', variables),
      record('2.0.0', 'a/Test', 'NewVersionCreated', variables),
    ];

    const { files, notes, problems } = imported(releases, { literals: new Set(['HOST']) });
    const all = files.map((file) => file.text).join('');

    expect(problems).toEqual([]);
    expect(all).toContain('- name: HOST\n            value: https://pay.example\n');
    expect(all).toContain('not written here: KEY\n');
    for (const form of [
      'k9-canary',
      Buffer.from('k9-canary').toString('base64'),
      Buffer.from('k9-canary').toString('hex'),
    ]) {
      expect(all).not.toContain(form);
      expect(JSON.stringify(notes)).not.toContain(form);
    }
    expect(notes.map((note) => note.variables)).toEqual([['KEY'], ['KEY']]);
    const plan = planOf(files, coffee, releases);
    expect(plan.undeclared.map(({ path }) => path)).toEqual([
      'environmentVariables/KEY',
      'environmentVariables/KEY',
    ]);
    expect(plan.changes.map(({ action }) => action)).toEqual(['adopt', 'adopt']);
  });

  it('writes nothing of a hidden variable but its name', () => {
    const { files } = imported(
      [
        record('1.0.0', 'a/Test', 'NewVersionCreated', {
          'environmentVariables/KEY': { kind: 'hidden' },
        }),
      ],
      { literals: new Set(['KEY']) },
    );

    expect(files.map((file) => file.text).join('')).toContain('not written here: KEY\n');
  });

  it('leaves a value that no declaration can say as it is, and names the field', () => {
    const releases = [
      record('1.0.0', 'a/Test', 'NewVersionCreated', {
        merchantId: text('M-\u202e1'),
        clientId: text('C'),
        testers: list(),
      }),
    ];

    const { files, notes, problems } = imported(releases);

    expect(problems).toEqual([]);
    expect(notes[0]!.left).toEqual(['merchantId', 'testers']);
    expect(files.map((file) => file.text).join('')).toContain(
      '# a/Test (NewVersionCreated) has values no declaration can say, left alone: merchantId, testers',
    );
    expect(actions(releases)).toEqual({ '1.0.0 a/Test': 'adopt' });
  });

  it('leaves out a release whose key cannot be declared', () => {
    const releases = [
      record('1.0 beta', 'a/Test', 'NewVersionCreated'),
      record('1.0.0', 'a/Test', 'NewVersionCreated'),
    ];

    expect(imported(releases).notes.map(({ key: { version }, kind }) => [version, kind])).toEqual([
      ['1.0 beta', 'undeclarable'],
      ['1.0.0', 'imported'],
    ]);
    expect(actions(releases)).toEqual({ '1.0.0 a/Test': 'adopt' });
  });

  it.each([
    {
      name: '../../etc/passwd',
      id: '35',
      folder: 'etc-passwd',
      why: 'no path of the platform’s making',
    },
    { name: '..', id: '35', folder: 'mp-35', why: 'nothing is left of it' },
    { name: 'Café №1', id: '35', folder: 'cafe-no1', why: 'letters that a name allows' },
    { name: '咖啡', id: 'AB', folder: 'mp-ab', why: 'none of its letters can stand in a name' },
    { name: 'x\nkind: Settings', id: '35', folder: 'x-kind-settings', why: 'one line' },
  ])('makes a safe folder of the program name $name', ({ name, id, folder, why }) => {
    const program = { ...coffee, name, key: { ...key, miniProgram: id } };

    const { files, problems } = imported([], { program });

    expect(problems, why).toEqual([]);
    expect(
      files.map((file) => file.path),
      why,
    ).toEqual([`${folder}/program.yaml`]);
    expect(
      files[0]!.text.split('\n').filter((line) => line.startsWith('kind:')),
      why,
    ).toEqual(['kind: MiniProgram']);
  });

  it('gives versions that look alike files of their own', () => {
    const releases = ['1.0.0-A', '1.0.0-a', '1.0.0+a'].map((version) =>
      record(version, 'a/Test', 'NewVersionCreated', { merchantId: text(version) }),
    );

    const { files } = imported(releases);

    expect(new Set(files.map((file) => file.path)).size).toBe(4);
    expect(Object.values(actions(releases))).toEqual(['adopt', 'adopt', 'adopt']);
  });

  it('says once what every target of a version says alike', () => {
    const targets = ['a/Test', 'b/Test', 'c/Test'];
    const releases = [
      ...targets.map((target) =>
        record('1.0.0', target, 'NewVersionCreated', { merchantId: text('old') }),
      ),
      ...targets.map((target) =>
        record('2.0.0', target, 'NewVersionCreated', { merchantId: text('new') }),
      ),
    ];

    const { files } = imported(releases);

    expect(files.find(({ path }) => path.endsWith('coffee-1.0.0.yaml'))!.text)
      .toContain(`  environments:
    - Test
  config:
    merchantId: old
`);
    expect(Object.values(actions(releases))).toEqual(targets.flatMap(() => ['adopt', 'adopt']));
  });

  it('selects an environment only for a version that goes to all of it', () => {
    const releases = [
      record('1.0.0', 'a/Test', 'NewVersionCreated'),
      record('2.0.0', 'a/Test', 'NewVersionCreated'),
      record('2.0.0', 'b/Test', 'Canceled'),
      record('1.0.0', 'b/Test', 'NewVersionCreated'),
    ];

    expect(actions(releases)).toEqual({
      '1.0.0 a/Test': 'adopt',
      '1.0.0 b/Test': 'adopt',
      '2.0.0 a/Test': 'adopt',
    });
  });

  it('shares nothing where more targets are standing than a program may have', () => {
    const releases = Array.from({ length: 300 }, (_, index) =>
      record(`${index % 2}.0.0`, `app${index}/Test`, 'NewVersionCreated', {
        merchantId: text(`M${index}`),
      }),
    );

    const { files, problems } = imported(releases);

    expect(problems).toEqual([]);
    expect(files[0]!.text).not.toContain('targets');
    expect(new Set(Object.values(actions(releases)))).toEqual(new Set(['adopt']));
    expect(Object.keys(actions(releases))).toHaveLength(300);
  });

  it('lets every release say its own where one file of shared values would be too large to be read', () => {
    const testers = (index: number) =>
      list(...Array.from({ length: 300 }, (_, each) => `2088${index}-${each}`));
    const releases = Array.from({ length: 60 }, (_, index) =>
      record('1.0.0', `app${index}/Test`, 'NewVersionCreated', { testers: testers(index) }),
    );

    const { files, problems } = imported(releases);

    expect(problems).toEqual([]);
    expect(files).toHaveLength(11);
    expect(files[0]!.text).not.toContain('targets');
    expect(Object.values(actions(releases))).toEqual(releases.map(() => 'adopt'));
  });

  it('names the connection it came through', () => {
    const { files, problems } = imported([], { connection: 'east' });

    expect(problems).toEqual([]);
    expect(files[0]!.text).toContain('  connection: east\n');
  });

  it('does not depend on the order of releases', () => {
    const releases = [
      record('1.0.0', 'a/Test', 'NewVersionCreated', { merchantId: text('1') }),
      record('1.0', 'a/Test', 'NewVersionCreated', { merchantId: text('2') }),
      record('nightly', 'a/Test', 'NewVersionCreated', { merchantId: text('3') }),
    ];

    expect(imported(releases.toReversed()).files).toEqual(imported(releases).files);
  });
});
