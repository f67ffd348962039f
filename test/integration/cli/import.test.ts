import { describe, expect, it } from 'vitest';

import { createPlace, type Place } from '../../support/cli.ts';

const settings = ['--connections', 'connections.yaml'];
const subject = 'acme/3500020208396321';

const variables =
  'environmentVariables: [{ name: API_KEY, value: set-by-hand }, { name: MODE, value: fast }]';

/** Every status, values at both levels, and variables that somebody typed into the console. */
const world = `
apps:
  - { id: megapay, environments: [Production, Sandbox, Test, Development], pilotTesting: true, environmentVariables: true }
  - { id: rapipay, environments: [Production, Sandbox], environmentVariables: true }
workspaces:
  - id: acme
    miniPrograms:
      - id: "3500020208396321"
        name: Coffee
        domainsGranted: true
        versions: [1.0.0, 1.1.0, 1.2.0, 2.0.0, 2.1.0]
        globalConfig: { merchantId: G-1, serverDomains: [https://api.acme.example] }
        releases:
          - { version: 1.0.0, app: megapay, environment: Production, status: Archived, config: { merchantId: M-1 } }
          - { version: 1.1.0, app: megapay, environment: Production, status: FullRelease, config: { merchantId: M-1, ${variables} } }
          - { version: 1.1.0, app: megapay, environment: Test, status: Canceled, config: {} }
          - { version: 1.2.0, app: rapipay, environment: Production, status: GrayscaleRelease, percentage: 10, config: { clientId: C-1 } }
          - { version: 2.0.0, app: megapay, environment: Production, status: UnderReview, config: { merchantId: M-2 } }
          - { version: 2.0.0, app: megapay, environment: Sandbox, status: PilotTesting, config: { testers: ["1", "2"], ${variables} } }
          - { version: 2.0.0, app: rapipay, environment: Production, status: ReleasePreparation, config: { wapUrls: [https://w.example/x] } }
          - { version: 2.1.0, app: megapay, environment: Production, status: NewVersionCreated, config: { merchantId: M-2, ${variables} } }
          - { version: 2.1.0, app: megapay, environment: Sandbox, status: NewVersionCreated, config: { merchantId: M-2, testers: ["1", "2"] } }
          - { version: 2.1.0, app: rapipay, environment: Sandbox, status: NewVersionCreated, config: {} }
`;

interface PlanJson {
  readonly summary: Readonly<Record<string, number>>;
  readonly changes: readonly { readonly action: string; readonly status: string }[];
  readonly undeclared: readonly { readonly path: string }[];
}

interface Listed {
  readonly items: readonly {
    readonly key: object;
    readonly revision: string;
    readonly testQrCode: string | null;
    readonly marked: boolean;
  }[];
}

async function plan(place: Place): Promise<PlanJson> {
  const { code, stdout, stderr } = await place.run([
    'plan',
    'imported',
    '--all',
    '-o',
    'json',
    ...settings,
  ]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as PlanJson;
}

async function releases(place: Place): Promise<Listed['items']> {
  const { stdout } = await place.run(['get', 'releases', '-o', 'json', ...settings]);
  return (JSON.parse(stdout) as Listed).items;
}

describe('import, of a program in which every status occurs', () => {
  it('adopts what can be edited, leaves the rest unchanged, and lists every variable as undeclared', async () => {
    const place = await createPlace();
    const platform = await place.emulator(world);

    const imported = await place.run(['import', subject, '--out', 'imported', ...settings]);
    const first = await plan(place);

    expect(imported.code, imported.stderr).toBe(0);
    expect(imported.stdout).toContain('1 Canceled, 1 Archived');
    expect(first.summary).toMatchObject({
      create: 0,
      update: 0,
      adopt: 3,
      unchanged: 5,
      settled: 0,
      waiting: 0,
      blocked: 0,
      held: 0,
    });
    for (const { action, status } of first.changes)
      expect(action, status).toBe(status === 'NewVersionCreated' ? 'adopt' : 'unchanged');
    expect(first.undeclared.map(({ path }) => path).sort()).toEqual([
      ...Array.from({ length: 3 }, () => 'environmentVariables/API_KEY'),
      ...Array.from({ length: 3 }, () => 'environmentVariables/MODE'),
    ]);
    expect(imported.stdout).not.toContain('set-by-hand');
    expect((await platform.calls()).some(({ operation }) => operation.startsWith('patch'))).toBe(
      false,
    );
  });

  it('after applying there is nothing to do: marks were written, and neither revision nor QR code moved', async () => {
    const place = await createPlace();
    const platform = await place.emulator(world);
    await place.run(['import', subject, '--out', 'imported', ...settings]);
    const before = await releases(place);

    const applied = await place.run(['apply', 'imported', '--yes', ...settings]);
    const after = await releases(place);
    const second = await plan(place);

    expect(applied.code, applied.stderr).toBe(0);
    const writes = (await platform.calls()).filter(({ operation }) =>
      /create|patch/.test(operation),
    );
    expect(writes.map(({ operation }) => operation).sort()).toEqual([
      'patchGlobalConfig',
      'patchReleaseConfig',
      'patchReleaseConfig',
      'patchReleaseConfig',
    ]);
    const stable = ({ key, revision, testQrCode }: Listed['items'][number]) => ({
      key,
      revision,
      testQrCode,
    });
    expect(after.map(stable)).toEqual(before.map(stable));
    expect(after.filter(({ marked }) => marked)).toHaveLength(3);
    expect(second.summary).toMatchObject({
      create: 0,
      update: 0,
      adopt: 0,
      unchanged: 8,
      global: 0,
    });
  });

  it('--all imports what is archived, --literals writes what is public, and still nothing would change', async () => {
    const place = await createPlace();
    await place.emulator(world);

    const imported = await place.run([
      'import',
      subject,
      '--out',
      'imported',
      '--all',
      '--literals',
      'MODE',
      ...settings,
    ]);
    const { summary, undeclared } = await plan(place);

    expect(imported.stdout).not.toContain('Archived');
    expect(summary).toMatchObject({ create: 0, update: 0, adopt: 3, unchanged: 6, blocked: 0 });
    expect(new Set(undeclared.map(({ path }) => path))).toEqual(
      new Set(['environmentVariables/API_KEY']),
    );
  });
});
