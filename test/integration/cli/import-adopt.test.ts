import { expect, it } from 'vitest';
import { parse } from 'yaml';

import { createPlace } from '../../support/cli.ts';

const settings = ['--connections', 'connections.yaml'];
const secret = 'k9-by-hand-0451';
const statuses = [
  'NewVersionCreated',
  'UnderReview',
  'ReleasePreparation',
  'PilotTesting',
  'GrayscaleRelease',
  'FullRelease',
  'Canceled',
  'Archived',
];

/** One program with a release in every status in two apps, variables set by hand in each, and a global configuration. */
const world = `
apps:
  - { id: megapay, environments: [Production, Test], pilotTesting: true, environmentVariables: true }
  - { id: tapngo, environments: [Production, Test], pilotTesting: true, environmentVariables: true }
workspaces:
  - id: acme
    miniPrograms:
      - id: "3500020208396321"
        name: Coffee
        domainsGranted: true
        versions: [${statuses.map((_, index) => `1.${index}.0`).join(', ')}]
        globalConfig: { merchantId: M-77, serverDomains: [https://api.acme.example] }
        releases:
${statuses
  .flatMap((status, index) => [
    `          - { version: 1.${index}.0, app: megapay, environment: Test, status: ${status}, config: { merchantId: M-${index}, testers: ["1", "2"], environmentVariables: [{ name: API_KEY, value: ${secret} }] } }`,
    `          - { version: 1.${index}.0, app: tapngo, environment: Test, status: ${status}, config: { testers: ["1", "2"], environmentVariables: [{ name: API_KEY, value: ${secret} }, { name: HOST, value: https://pay.example }] } }`,
  ])
  .join('\n')}
`;

interface Change {
  readonly action: string;
  readonly status: string;
  readonly fields: readonly { readonly path: string }[];
}

interface PlanJson {
  readonly summary: Readonly<Record<string, number>>;
  readonly changes: readonly Change[];
  readonly global: readonly Change[];
  readonly undeclared: readonly { readonly path: string }[];
}

interface Dump {
  readonly workspaces: readonly {
    readonly miniPrograms: readonly {
      readonly releases: readonly {
        readonly status: string;
        readonly testQrCode?: string;
        readonly mark?: string;
        readonly revision: number;
        /** The platform's own count of writes. */
        readonly changed: number;
        readonly config: unknown;
      }[];
    }[];
  }[];
}

it('imports a program in every status, adopts it with marks alone, and then finds nothing to do', async () => {
  const place = await createPlace();
  const platform = await place.emulator(world);
  const records = async () =>
    (parse(await platform.world()) as Dump).workspaces[0]!.miniPrograms[0]!.releases;
  const planned = async (): Promise<PlanJson> =>
    JSON.parse(
      (await place.run(['plan', 'releases', '-o', 'json', '--all', ...settings])).stdout,
    ) as PlanJson;
  const before = await records();

  const imported = await place.run([
    'import',
    'acme/3500020208396321',
    '--out',
    'releases',
    ...settings,
  ]);
  const first = await planned();
  const readOnly = (await platform.calls()).length;
  const applied = await place.run(['apply', 'releases', '--yes', ...settings]);
  const writes = (await platform.calls())
    .slice(readOnly)
    .filter(({ operation }) => /^(create|patch)/.test(operation));
  const after = await records();
  const second = await planned();

  expect(imported.code, imported.stderr).toBe(0);
  expect(imported.stdout + imported.stderr).not.toContain(secret);
  for (const { action, status } of first.changes)
    expect(action, status).toBe(status === 'NewVersionCreated' ? 'adopt' : 'unchanged');
  expect(first.changes).toHaveLength(12);
  expect(first.global.map(({ action }) => action)).toEqual(['adopt']);
  expect(first.undeclared.map(({ path }) => path).sort()).toEqual([
    ...Array.from({ length: 12 }, () => 'environmentVariables/API_KEY'),
    ...Array.from({ length: 6 }, () => 'environmentVariables/HOST'),
  ]);

  expect(applied.code, applied.stderr).toBe(0);
  expect(
    writes.map(({ operation, resultStatus }) => `${operation} ${resultStatus}`).sort(),
  ).toEqual(['patchGlobalConfig S', 'patchReleaseConfig S', 'patchReleaseConfig S']);
  const withoutMark = (all: typeof before) =>
    all.map(({ mark: _mark, changed: _changed, ...rest }) => rest);
  expect(
    withoutMark(after),
    'marks apart, nothing moved: no value, no revision, no test QR code',
  ).toEqual(withoutMark(before));
  expect(after.filter(({ mark }) => mark !== undefined)).toHaveLength(2);

  expect(second.summary).toMatchObject({
    create: 0,
    adopt: 0,
    update: 0,
    unchanged: 12,
    blocked: 0,
    undeclared: 18,
  });
  expect(second.global).toEqual([]);
});
