import { lstat, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, hexDigest } from '../../core/words/digests.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { Access } from './access.ts';
import { dropLeftovers } from './leftovers.ts';
import {
  type Before,
  hasNoRoom,
  isPassed,
  lookBefore,
  noRoom,
  type Room,
  undoPacks,
} from './room.ts';
import type { Git } from './run.ts';
import type { Oid, RemoteUrl } from './strings.ts';

/** A bare repository on disk that holds what was fetched of one URL, for all sources of that URL; never a work tree. */
export interface Mirror {
  readonly git: Git;
  readonly url: RemoteUrl;
  readonly directory: string;
  readonly deadlineMs: number;
  /** What a fetch may fill; absent, anything. */
  readonly room?: Room;
}

/** Where the mirrors of a state directory lie. */
export function mirrorsOf(stateDirectory: string): string {
  return join(stateDirectory, 'git');
}

/** Two URLs never share a mirror: a name that comes to mean another repository starts empty. */
export function mirrorName(url: RemoteUrl): string {
  return digestOf(url).slice(0, 22);
}

/** Variables that keep git to this repository: it never looks for another one in the folders above. */
export function variablesOf({ directory }: Pick<Mirror, 'directory'>): Record<string, string> {
  return { GIT_DIR: directory };
}

/** Runs git in the mirror. @throws ReconcileError `SourceUnavailable` */
export async function inMirror(
  mirror: Mirror,
  args: readonly string[],
  signal: AbortSignal,
  more: { readonly input?: Buffer; readonly access?: Access; readonly room?: Room } = {},
): Promise<string> {
  const { git, directory, deadlineMs } = mirror;
  const { input, access, room } = more;
  const variables = { ...access?.variables, ...variablesOf(mirror) };
  const given = {
    ...(input ? { input } : {}),
    ...(access ? { hidden: access.hidden } : {}),
    ...(room ? { room } : {}),
  };
  return git.text({ directory, args, deadlineMs, variables, ...given }, signal);
}

/**
 * Makes the mirror if it is not there.
 *
 * @throws ReconcileError `SourceUnavailable`, `LocalFailure`
 */
export async function openMirror(mirror: Mirror, signal: AbortSignal): Promise<void> {
  const { directory } = mirror;
  try {
    const found = await statusOf(directory);
    if (found && !found.isDirectory()) await rm(directory, { force: true });
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new ReconcileError('LocalFailure', `the state directory ${directory} cannot be written`, {
      cause,
      nextStep: 'let this user write it, or give another one with --state',
    });
  }
  if (await statusOf(join(directory, 'HEAD'))) return;
  await inMirror(mirror, ['init', '--bare', '--quiet'], signal);
}

async function statusOf(path: string) {
  return lstat(path).catch(() => undefined);
}

/** The part of a ref's name that says whose it is. */
export function ownerOf(source: string): string {
  return hexDigest(source, 16);
}

/** A ref is written only once a fetch is complete, and keeps what it names, for one source. */
function keepingRef(source: string, id: Oid): string {
  return `refs/fairlead/${ownerOf(source)}/${id}`;
}

/** Names of everything that is kept, of all sources. */
export async function keptRefs(mirror: Mirror, signal: AbortSignal): Promise<readonly string[]> {
  const list = ['for-each-ref', '--format=%(refname)', 'refs/fairlead/'];
  return (await inMirror(mirror, list, signal)).split('\n').filter(Boolean);
}

/**
 * Whether the mirror holds the object whole, for whichever source: then nothing needs to be fetched, and this source keeps
 * it, too.
 *
 * @param refs  all that is kept
 */
export async function holds(
  mirror: Mirror,
  { source, refs }: { readonly source: string; readonly refs: readonly string[] },
  id: Oid,
  signal: AbortSignal,
): Promise<boolean> {
  if (!refs.some((name) => name.endsWith(`/${id}`))) return false;
  const own = keepingRef(source, id);
  if (!refs.includes(own)) await inMirror(mirror, ['update-ref', own, id], signal);
  return true;
}

/** How far back a fetch reaches. */
export type Reach = { readonly depth: number } | { readonly sinceSeconds: number };

/**
 * Brings commits and their trees, with as much history as is asked for. What the mirror holds already is not sent again.
 *
 * @throws ReconcileError `SourceUnavailable`
 */
export async function fetchObjects(
  mirror: Mirror,
  fetch: {
    readonly source: string;
    readonly ids: readonly Oid[];
    readonly reach: Reach;
    readonly access: Access;
  },
  signal: AbortSignal,
): Promise<void> {
  const { source, ids, reach, access } = fetch;
  const options = [
    // Not quiet: simple-git waits a while after a command that says nothing.
    '--no-progress',
    'depth' in reach ? `--depth=${reach.depth}` : `--shallow-since=@${reach.sinceSeconds}`,
    '--no-tags',
    '--no-write-fetch-head',
    '--no-recurse-submodules',
    '--no-auto-maintenance',
  ];
  const refs = ids.map((id) => `+${id}:${keepingRef(source, id)}`);
  const args = ['fetch', ...options, '--', mirror.url, ...refs];
  const { room } = mirror;
  if (!room) {
    await inMirror(mirror, args, signal, { access });
    return;
  }
  const before = await lookBefore(mirror.directory);
  const known = await keptRefs(mirror, signal);
  try {
    await inMirror(mirror, args, signal, { access, room });
    // Between two looks, or after the last one, more may have come.
    if (await isPassed(room)) throw noRoom(room);
  } catch (error) {
    if (error instanceof ReconcileError && hasNoRoom(error)) {
      const own = new Set(ids.map((id) => keepingRef(source, id)));
      for (const name of known) own.delete(name);
      await undo(mirror, { before, came: own }, signal);
    }
    throw error;
  }
}

/** As it was before a fetch that came to nothing. What cannot be taken away costs room, nothing else. */
async function undo(
  mirror: Mirror,
  { before, came }: { readonly before: Before; readonly came: ReadonlySet<string> },
  signal: AbortSignal,
): Promise<void> {
  const { directory } = mirror;
  await dropLeftovers(directory);
  const names = (await keptRefs(mirror, signal)).filter((name) => came.has(name));
  await dropRefs(mirror, names, signal);
  await undoPacks(directory, before);
  await inMirror(mirror, ['prune', '--expire=now'], signal);
}

/** A few earlier commits may stay where there is room: dropping each at once would cost every look a call more. */
const mostStale = 8;

/**
 * Refs of a source's earlier commits go now and then, so that the mirror does not grow for ever; other sources keep theirs.
 *
 * @param refs  all that was kept before
 */
export async function keepOnly(
  mirror: Mirror,
  {
    source,
    refs,
    isTight,
  }: { readonly source: string; readonly refs: readonly string[]; readonly isTight: boolean },
  ids: readonly Oid[],
  signal: AbortSignal,
): Promise<void> {
  const keep = new Set(ids.map((id) => keepingRef(source, id)));
  const prefix = `refs/fairlead/${ownerOf(source)}/`;
  const stale = refs.filter((name) => name.startsWith(prefix) && !keep.has(name));
  if (stale.length > (isTight ? 0 : mostStale)) await dropRefs(mirror, stale, signal);
}

export async function dropRefs(
  mirror: Mirror,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (names.length === 0) return;
  const input = Buffer.from(names.map((name) => `delete ${name}\n`).join(''));
  await inMirror(mirror, ['update-ref', '--stdin'], signal, { input });
}
