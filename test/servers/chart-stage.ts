import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { root } from '../../tools/files.ts';
import type { KubectlResult as Result } from '../support/control-plane.ts';
import { serverTool } from '../support/server-tools.ts';

export const chart = join(root, 'charts/fairlead');
/** What the chart is written for unless a release says otherwise. */
export const home = 'fairlead-system';

export interface Tools {
  /** Folder that is gone after the test; HOME of what runs. */
  readonly folder: string;
  helm(args: readonly string[], kubeconfig?: string): Promise<Result>;
  kubeconform(args: readonly string[], input: string): Promise<Result>;
  dispose(): Promise<void>;
}

/** Helm and kubeconform of the pinned module, away from everything of the person who runs the tests. */
export async function openTools(): Promise<Tools> {
  const [helm, kubeconform] = [await serverTool('helm'), await serverTool('kubeconform')];
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-chart-'));
  const environment = (kubeconfig?: string) => ({
    HOME: folder,
    HELM_CACHE_HOME: join(folder, 'cache'),
    HELM_CONFIG_HOME: join(folder, 'config'),
    HELM_DATA_HOME: join(folder, 'data'),
    // Without one Helm would look for a cluster on this machine.
    KUBECONFIG: kubeconfig ?? join(folder, 'none'),
  });
  return {
    folder,
    helm: (args, kubeconfig) => execute(helm, args, environment(kubeconfig)),
    kubeconform: (args, input) => execute(kubeconform, args, environment(), input),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

function execute(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = '',
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const options = { env, maxBuffer: 64 * 1024 * 1024, timeout: 300_000 };
    const child = execFile(program, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') resolve({ exitCode: code, stdout, stderr });
      else reject(new Error(`${program} ${args.join(' ')}: ${error?.message ?? ''}`));
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** Values of a release, as `--set` never could say them. */
export type Values = Readonly<Record<string, unknown>>;

let files = 0;

/** @returns arguments that name a file with the values */
export async function valuesFile({ folder }: Tools, values: Values): Promise<readonly string[]> {
  files += 1;
  const path = join(folder, `values-${files}.json`);
  await writeFile(path, JSON.stringify(values));
  return ['--values', path];
}

/**
 * What the chart makes of values, for Kubernetes 1.36 without asking one.
 *
 * @param only  templates by name, `approvals`; all if omitted
 * @throws Error  what Helm says
 */
export async function render(
  tools: Tools,
  values: Values = {},
  only: readonly string[] = [],
): Promise<string> {
  const { exitCode, stdout, stderr } = await tools.helm([
    ...['template', 'fairlead', chart, '--namespace', home, '--kube-version', '1.36.3'],
    ...(await valuesFile(tools, values)),
    ...only.flatMap((name) => ['--show-only', `templates/${name}.yaml`]),
  ]);
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
}
