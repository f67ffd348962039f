import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import prettier from 'prettier';

import { serverTool } from '../../test/support/server-tools.ts';
import { root } from '../files.ts';

const folder = 'deploy/kustomize/base';
const namespace = 'fairlead-system';
const banner = '# Generated from charts/fairlead: node tools/chart-base.ts\n';

/** What is Helm's own and nobody else's. */
const ofHelm = /^ *(?:helm\.sh\/chart: .*|app\.kubernetes\.io\/managed-by: Helm)\n/gm;

/**
 * The chart's default rendering as a kustomize base, a file per template.
 *
 * @returns repository-relative paths to texts
 * @throws Error  when Helm is missing, or refuses the chart
 */
export async function kustomizeBase(): Promise<ReadonlyMap<string, string>> {
  const templates = splitByTemplate(await rendered()).filter(([name]) => name !== 'crds.yaml');
  const files = new Map([
    ['namespace.yaml', namespaceText],
    ...templates.map(([name, text]) => [name, text.replaceAll(ofHelm, '')] as const),
  ]);
  files.set('kustomization.yaml', kustomization([...files.keys()]));
  const options = await prettier.resolveConfig(join(root, folder, 'kustomization.yaml'));
  const formatted = [...files].map(
    async ([name, text]) =>
      [
        `${folder}/${name}`,
        await prettier.format(banner + text, { ...options, parser: 'yaml' }),
      ] as const,
  );
  return new Map(await Promise.all(formatted));
}

async function rendered(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'fairlead-helm-'));
  try {
    const args = ['template', 'fairlead', 'charts/fairlead', '--namespace', namespace];
    const { stdout } = await promisify(execFile)(
      await serverTool('helm'),
      [...args, '--kube-version', '1.36.3'],
      { cwd: root, env: { HOME: home }, maxBuffer: 16 * 1024 * 1024 },
    );
    return stdout;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Documents of one template stay together, in their order; templates by name. */
function splitByTemplate(text: string): [name: string, text: string][] {
  const byName = new Map<string, string[]>();
  for (const part of text.split(/^---\n/m)) {
    const [comment = '', name = ''] = /^# Source: fairlead\/templates\/(.+)\n/.exec(part) ?? [];
    const document = part.slice(comment.length).trim();
    if (document !== '') byName.set(name, [...(byName.get(name) ?? []), document]);
  }
  return [...byName]
    .map(([name, documents]): [string, string] => [name, `${documents.join('\n---\n')}\n`])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

const namespaceText = `apiVersion: v1
kind: Namespace
metadata:
  name: ${namespace}
  labels:
    pod-security.kubernetes.io/enforce: restricted
`;

function kustomization(names: readonly string[]): string {
  return [
    'apiVersion: kustomize.config.k8s.io/v1beta1',
    'kind: Kustomization',
    'resources:',
    '  # The same files that the chart carries.',
    '  - ../../../charts/fairlead/files/crds',
    ...names.map((name) => `  - ${name}`),
    '',
  ].join('\n');
}
