import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Trouble } from '../../core/model/controller.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { Clock } from '../../ports/index.ts';
import { contentsOf, signs, troubleOf } from '../composition/config-watch.ts';
import { watchedFiles } from '../composition/watched-files.ts';
import { CliError } from '../exit.ts';
import { readAdministration, type Administration } from '../settings.ts';

/** Files that a controller of a cluster reads, as the command line names them. */
export interface ConfigFiles {
  /** Empty: the whole cluster. */
  readonly namespaces: readonly string[];
  /** A file of Settings. */
  readonly config: string | undefined;
  /** A file of PlatformConnections, where namespaces are given. */
  readonly connections: string | undefined;
}

/** Settings where a file of them is named; connections of a file where no right of the cluster is needed. */
export async function administrationOf(options: ConfigFiles): Promise<Administration> {
  const { config, connections, namespaces } = options;
  const settings = config === undefined ? undefined : await readAdministration(config);
  refuseObjects(settings, namespaces);
  if (namespaces.length === 0) return joined(settings, undefined);
  if (connections !== undefined) return joined(settings, await readMounted(connections));
  throw new CliError('Usage', '--namespace needs a file of connections', {
    nextStep: 'give --connections FILE: without rights of the cluster no connection is found in it',
  });
}

const nothing: Administration = {
  file: 'none',
  settings: {},
  connections: [],
  sources: [],
  path: (relative) => resolve(relative),
};

/** Paths in connections are relative to the file in which those stand. */
function joined(
  settings: Administration | undefined,
  mounted: Administration | undefined,
): Administration {
  const { file, settings: spec } = settings ?? mounted ?? nothing;
  const { connections } = mounted ?? nothing;
  const { path } = mounted ?? settings ?? nothing;
  return { file, settings: spec, connections, sources: [], path };
}

async function readMounted(file: string): Promise<Administration> {
  const mounted = await readAdministration(file);
  if (mounted.connections.length > 0) return mounted;
  throw new CliError('SettingsInvalid', `${file} holds no PlatformConnection`, {
    nextStep: 'add one, with grants for the namespaces',
  });
}

function refuseObjects(settings: Administration | undefined, namespaces: readonly string[]): void {
  const isWrong = settings && (settings.sources.length > 0 || settings.connections.length > 0);
  if (!isWrong) return;
  throw new CliError('SettingsInvalid', `${settings.file} holds more than Settings`, {
    nextStep:
      namespaces.length === 0
        ? 'apply connections and repositories to the cluster with kubectl'
        : 'move connections to the file of --connections; repositories are objects',
  });
}

/**
 * File URLs open the controller's own files, and what listens on its machine, to whoever may write a GitSource: for tests,
 * beside an API server on the same machine, which no pod ever has.
 *
 * @throws CliError `SettingsInvalid`
 */
export function refuseFileUrls({ settings }: Administration, server: string): void {
  const host = URL.parse(server)?.hostname ?? '';
  if (!settings.allowFileUrls || /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(host)) return;
  throw new CliError('SettingsInvalid', 'allowFileUrls is for tests and not for a cluster', {
    nextStep:
      'take it out of the settings: whoever may write a GitSource could read files of the controller',
  });
}

/** Milliseconds between two looks at the files. */
const lookMs = 2_000;
/** For so long files must stay as they are before they are believed to be whole. */
const settleMs = 200;

export interface AdministrationWatch {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly inForce: Administration;
  /**
   * Takes settings into force: new ones, or the old ones again after bad ones.
   *
   * @throws CliError, ReconcileError  where they cannot be: told as trouble, and those before stay
   */
  readonly onNew: (administration: Administration) => Promise<void>;
  /** Hears, once as long as it is the same, why what stands in the files is not in force. */
  readonly onBad: (trouble: Trouble) => void;
}

/**
 * Follows the files and the keys they name until the signal, as where a ConfigMap and a Secret are mounted. What stands
 * there counts once it was read twice alike; what is bad is told and changes nothing. Rejects for a bug alone.
 */
export async function watchAdministration(
  files: ConfigFiles,
  watch: AdministrationWatch,
  signal: AbortSignal,
): Promise<void> {
  const named = [files.config, files.connections].flatMap((path) =>
    path === undefined ? [] : [{ path, what: 'the settings' }],
  );
  const [first] = named;
  if (first === undefined) return;
  let keys = watchedFiles(watch.inForce);
  // Of what is in force, not of what stands there by now.
  let told = await digestIn(watch.inForce);
  let judged: string | undefined;
  for (;;) {
    await watch.clock.sleep(lookMs, signal);
    const seen = await signs(first.path, [...named, ...keys]);
    if (seen === judged) continue;
    const sight = await settled(files, watch, signal);
    if (sight.kind === 'good') keys = watchedFiles(sight.administration);
    if (sight.digest !== told) await tell(sight, watch);
    told = sight.digest;
    judged = seen;
  }
}

type Sight = { readonly digest: string } & (
  | { readonly kind: 'good'; readonly administration: Administration }
  | { readonly kind: 'bad'; readonly error: CliError | ReconcileError }
);

async function settled(
  files: ConfigFiles,
  { clock }: AdministrationWatch,
  signal: AbortSignal,
): Promise<Sight> {
  let before = await sightOf(files);
  for (;;) {
    await clock.sleep(settleMs, signal);
    const now = await sightOf(files);
    if (now.digest === before.digest) return now;
    before = now;
  }
}

async function sightOf(files: ConfigFiles): Promise<Sight> {
  try {
    const administration = await administrationOf(files);
    const keys = await contentsOf(watchedFiles(administration));
    const missing = keys.find(({ trouble }) => trouble !== undefined);
    if (missing)
      throw new CliError(
        'SettingsInvalid',
        `${missing.path} (${missing.what}) cannot be used: ${missing.trouble ?? ''}`,
      );
    return { kind: 'good', administration, digest: await digestIn(administration) };
  } catch (error) {
    if (!(error instanceof CliError) && !(error instanceof ReconcileError)) throw error;
    return { kind: 'bad', error, digest: digestOf(troubleOf(error)) };
  }
}

async function digestIn(administration: Administration): Promise<string> {
  const { settings, connections } = administration;
  return digestOf([settings, connections, await contentsOf(watchedFiles(administration))]);
}

async function tell(sight: Sight, { onNew, onBad }: AdministrationWatch): Promise<void> {
  try {
    if (sight.kind === 'bad') throw sight.error;
    await onNew(sight.administration);
  } catch (error) {
    if (!(error instanceof CliError) && !(error instanceof ReconcileError)) throw error;
    onBad(troubleOf(error));
  }
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}
