import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keyFolderPrefix } from './access.ts';
import { parsedFileOf } from './content.ts';
import { orUndefined } from './history.ts';
import { dropRefs, keptRefs, mirrorName, mirrorsOf, ownerOf, type Mirror } from './mirror.ts';
import type { Git } from './run.ts';
import { remoteUrl, type RemoteUrl } from './strings.ts';

export interface PruneOptions {
  readonly git: Git;
  readonly stateDirectory: string;
  readonly allowFileUrls: boolean;
  /** Every GitSource there is. */
  readonly sources: readonly { readonly name: string; readonly spec: { readonly url: string } }[];
  /** Something may be under way: keys stay. Absent: nothing is. */
  readonly areKeysInUse?: boolean;
}

const deadlineMs = 60_000;

/**
 * Removes what no GitSource uses any more: whole mirrors, and in the others what was kept for sources that are gone; and
 * keys that a crash left. Waits for what is under way in a mirror. Never throws but for the signal: what cannot be
 * removed costs room, nothing else. A URL that is refused has no mirror.
 */
export async function pruneMirrors(options: PruneOptions, signal: AbortSignal): Promise<void> {
  const { git, stateDirectory, sources, allowFileUrls } = options;
  const parent = mirrorsOf(stateDirectory);
  const wanted = new Map<string, { url: RemoteUrl; names: string[] }>();
  for (const { name, spec } of sources) {
    const url = allowed(spec.url, allowFileUrls);
    if (url === undefined) continue;
    const mirror = wanted.get(mirrorName(url));
    if (mirror) mirror.names.push(name);
    else wanted.set(mirrorName(url), { url, names: [name] });
  }
  for (const entry of await readdir(parent).catch(() => [])) {
    const directory = join(parent, entry);
    const found = wanted.get(entry);
    if (found) {
      const mirror = { git, directory, url: found.url, deadlineMs };
      await git.alone(directory, () => pruneMirror(mirror, found.names, signal));
    } else if (mirrorNames.test(entry)) {
      await git.alone(directory, () => remove(directory));
    } else if (entry.startsWith(keyFolderPrefix) && options.areKeysInUse !== true) {
      await remove(directory);
    }
  }
}

async function remove(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true }).catch(() => undefined);
}

function allowed(url: string, allowFileUrls: boolean): RemoteUrl | undefined {
  try {
    return remoteUrl(url, allowFileUrls);
  } catch {
    return undefined;
  }
}

/** Anything else in the folder is not ours. */
const mirrorNames = /^[A-Za-z0-9_-]{22}$/;

async function pruneMirror(
  mirror: Mirror,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const parsed = new Set(names.map(parsedFileOf));
  for (const file of await readdir(mirror.directory).catch(() => [])) {
    if (file.startsWith('fairlead-parsed') && !parsed.has(file))
      await rm(join(mirror.directory, file), { force: true }).catch(() => undefined);
  }
  const owners = new Set(names.map(ownerOf));
  await orUndefined(signal, async () => {
    const old = (await keptRefs(mirror, signal)).filter(
      (name) => !owners.has(name.split('/')[2] ?? ''),
    );
    await dropRefs(mirror, old, signal);
  });
}
