import type { OnResolveArgs, Plugin, PluginBuild, ResolveResult } from 'esbuild';

/** Asked of esbuild by the plugin itself. */
const own = { isOwn: true };

/**
 * Of @kubernetes/client-node only `KubeConfig` and what it needs: its index makes classes of every kind of Kubernetes as
 * soon as it is loaded, and does not say that they may be left out (1.9 MB and 15 MB of memory against 0.3).
 */
export const onlyKubeConfig: Plugin = {
  name: 'only-kube-config',
  setup(build) {
    build.onResolve({ filter: /./ }, (asked) => resolveWithin(build, asked));
    build.onLoad({ filter: /./, namespace: 'left-out' }, () => ({ contents: leftOut }));
  },
};

async function resolveWithin(
  build: PluginBuild,
  asked: OnResolveArgs,
): Promise<ResolveResult | { path: string; namespace: string } | undefined> {
  const { path, kind, importer, resolveDir } = asked;
  const isOurs = path.startsWith('@kubernetes/client-node');
  const isWithin = /[\\/]@kubernetes[\\/]client-node[\\/]/.test(importer);
  if (asked.pluginData === own || (!isOurs && !isWithin)) return undefined;
  if (path === 'undici') return { path, namespace: 'left-out' };
  const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: own });
  return { ...found, sideEffects: found.sideEffects && !isPlain(found.path) };
}

function isPlain(path: string): boolean {
  return /[\\/]@kubernetes[\\/]client-node[\\/]dist[\\/]/.test(path);
}

/** The agents of `fetch`: our requests are those of node:https. */
const leftOut = `
function missing() { throw new Error('undici is not part of this build'); }
export { missing as Agent, missing as ProxyAgent, missing as fetch };
`;
