import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ControlPlane } from '../support/control-plane.ts';
import { serverShare } from '../support/server-tools.ts';
import { schemaLocation, writeSchemas } from './chart-schemas.ts';
import { chart, home, openTools, render, type Tools, valuesFile } from './chart-stage.ts';
import { matrix } from './chart-values.ts';
import { startWithDefinitions } from './crds-stage.ts';

let plane: ControlPlane;
let tools: Tools;
let kinds = 0;

beforeAll(async () => {
  tools = await openTools();
  plane = await startWithDefinitions();
  const monitors = join(
    await serverShare('helm', 'example/prometheus-operator-crd'),
    'monitoring.coreos.com_servicemonitors.yaml',
  );
  for (const step of [
    ['apply', '--server-side', '-f', monitors],
    ['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'],
    ...[home, 'shop', 'kiosk'].map((name) => ['create', 'namespace', name]),
  ]) {
    const { exitCode, stderr } = await plane.kubectl(step);
    if (exitCode !== 0) throw new Error(stderr);
  }
  await publishing('ServiceMonitor');
  kinds = await writeSchemas(plane, join(tools.folder, 'schemas'));
});

afterAll(async () => {
  await plane.stop();
  await tools.dispose();
});

/** A kind is served some time before it is described. */
async function publishing(kind: string): Promise<void> {
  for (;;) {
    const { body } = await plane.call('/openapi/v3/apis/monitoring.coreos.com/v1');
    if (JSON.stringify(body).includes(`"${kind}"`)) return;
  }
}

interface Judged {
  readonly summary: Readonly<Record<'valid' | 'invalid' | 'errors' | 'skipped', number>>;
  readonly resources: readonly { readonly kind: string; readonly msg: string }[];
}

async function judge(text: string): Promise<Judged> {
  const location = schemaLocation(join(tools.folder, 'schemas'));
  const { stdout, stderr } = await tools.kubeconform(
    ['-strict', '-summary', '-output', 'json', '-schema-location', location, '-'],
    text,
  );
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Judged;
}

describe('the chart', () => {
  it('is judged by the schemas of a whole Kubernetes', () => {
    expect(kinds).toBeGreaterThan(100);
  });

  it.each(matrix)('is clean to helm lint: $name', async ({ values, why }) => {
    const { exitCode, stdout } = await tools.helm([
      ...['lint', '--strict', '--quiet', '--kube-version', '1.36.3'],
      ...(await valuesFile(tools, values)),
      chart,
    ]);

    expect([exitCode, stdout], why).toEqual([0, '']);
  });

  it.each(matrix)('renders what Kubernetes knows: $name', async ({ values, why }) => {
    const { summary, resources } = await judge(await render(tools, values));

    expect(resources, why).toEqual([]);
    expect(summary).toEqual({ valid: expect.any(Number), invalid: 0, errors: 0, skipped: 0 });
    expect(summary.valid).toBeGreaterThan(2);
  });

  it.each(matrix)('renders what an API server takes: $name', async ({ values, why }) => {
    const { exitCode, stderr } = await plane.kubectl(
      ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '-f', '-'],
      { input: await render(tools, values) },
    );

    expect([exitCode, stderr], why).toEqual([0, '']);
  });

  it.each([
    { name: 'a wrong type', from: 'replicas: 2', to: 'replicas: two', kind: 'Deployment' },
    {
      name: 'a field of no schema',
      from: 'runAsNonRoot: true',
      to: 'runAsNobody: true',
      kind: 'Deployment',
    },
    {
      name: 'a missing field',
      from: 'policyName: fairlead-approvals',
      to: 'validationActions: []',
      kind: 'ValidatingAdmissionPolicyBinding',
    },
    { name: 'a kind nobody serves', from: 'kind: Service\n', to: 'kind: Services\n', kind: '' },
  ])('would not pass with $name', async ({ from, to, kind }) => {
    const text = await render(tools, {});
    expect(text, 'the mistake is planted').toContain(from);

    const { summary, resources } = await judge(text.replace(from, to));

    expect(summary.invalid + summary.errors).toBe(1);
    if (kind !== '') expect(resources.map((each) => each.kind)).toEqual([kind]);
  });

  it('carries the definitions as they are', async () => {
    const text = await render(tools, { crds: { keep: false } }, ['crds']);
    const definition = await readFile(join(chart, '../../crds/miniprograms.yaml'), 'utf8');

    expect(text).toContain(definition.slice(definition.indexOf('spec:\n')).trim());
    expect(text.match(/^kind: CustomResourceDefinition$/gm)).toHaveLength(5);
  });
});
