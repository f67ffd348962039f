import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { kustomizeBase } from '../../tools/chart/kustomize-base.ts';
import { listFiles, root } from '../../tools/files.ts';
import { type ControlPlane, startControlPlane } from '../support/control-plane.ts';
import { serverTool } from '../support/server-tools.ts';
import { home, openTools, render } from './chart-stage.ts';

const base = 'deploy/kustomize/base';
let plane: ControlPlane;
let built: string;

beforeAll(async () => {
  plane = await startControlPlane();
  built = (await promisify(execFile)(await serverTool('kubectl'), ['kustomize', join(root, base)]))
    .stdout;
});

afterAll(async () => {
  await plane.stop();
});

interface Document {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
}

/** Objects by name, without what only Helm needs. */
function objectsOf(text: string): Readonly<Record<string, unknown>> {
  const documents = parseAllDocuments(text).flatMap((each) => (each.toJS() as Document) ?? []);
  return Object.fromEntries(
    documents.map(({ kind, metadata, ...rest }) => {
      const { name, namespace, labels, annotations } = metadata;
      const named = { name, namespace, labels: kept(labels), annotations: kept(annotations) };
      return [`${kind} ${namespace ?? '*'}/${name}`, withoutHelm({ metadata: named, ...rest })];
    }),
  );
}

const ofHelm = new Set([
  'helm.sh/chart',
  'helm.sh/resource-policy',
  'app.kubernetes.io/managed-by',
]);

const kept = (words: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(Object.entries(words).filter(([word]) => !ofHelm.has(word)));

/** Pods carry the labels once more. */
function withoutHelm(object: object): unknown {
  return JSON.parse(
    JSON.stringify(object, (key, value: unknown) => (ofHelm.has(key) ? undefined : value)),
  );
}

describe('the kustomize base', () => {
  it('is what the chart makes of it today', async () => {
    const fresh = await kustomizeBase();
    const present = await Promise.all(
      (await listFiles(base)).map(
        async (path) => [path, await readFile(join(root, path), 'utf8')] as const,
      ),
    );

    expect(Object.fromEntries(present), 'node tools/chart-base.ts').toEqual(
      Object.fromEntries(fresh),
    );
  });

  it('installs what the chart installs, and the namespace', async () => {
    const tools = await openTools();
    const chart = objectsOf(await render(tools));
    await tools.dispose();
    const { [`Namespace */${home}`]: namespace, ...others } = objectsOf(built);

    // The chart says its labels on definitions, too; the base takes them as they are.
    const bare = (objects: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(
        Object.entries(objects).map(([name, object]) => [
          name,
          name.startsWith('CustomResourceDefinition') ? (object as Document).spec : object,
        ]),
      );
    expect(namespace).toBeDefined();
    expect(Object.keys(others)).toHaveLength(20);
    expect(bare(others)).toEqual(bare(chart));
  });

  it('is applied with kubectl alone, to an empty cluster, and once more', async () => {
    const apply = ['apply', '--server-side', '-k', join(root, base)];

    const first = await plane.kubectl(apply);
    const again = await plane.kubectl(apply);
    const { stdout } = await plane.kubectl(['get', 'deploy', '-n', home, '-o', 'name']);

    expect([first.exitCode, first.stderr]).toEqual([0, '']);
    expect([again.exitCode, again.stderr]).toEqual([0, '']);
    expect(stdout).toBe('deployment.apps/fairlead\n');
  });

  it.each([
    { name: 'takes the pod as it is', spec: {}, expected: 201 },
    { name: 'would refuse one that may be root', spec: { securityContext: {} }, expected: 403 },
    {
      name: 'would refuse one in the network of its node',
      spec: { hostNetwork: true },
      expected: 403,
    },
  ])('brings a namespace that $name', async ({ spec, expected }) => {
    const { body } = await plane.call(`/apis/apps/v1/namespaces/${home}/deployments/fairlead`);
    const { template } = (body as { spec: { template: { metadata: object; spec: object } } }).spec;

    const { status } = await plane.call(`/api/v1/namespaces/${home}/pods`, {
      method: 'POST',
      body: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { ...template.metadata, generateName: 'fairlead-' },
        spec: { ...template.spec, ...spec },
      },
    });

    expect(status).toBe(expected);
  });
});
