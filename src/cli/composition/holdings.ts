import type { ObservedMiniProgram, ObservedRelease } from '../../core/model/observed.ts';
import type { Listing, OfProgram } from '../../core/render/listing.ts';
import { programId, programOf, type ProgramKey } from '../../core/words/keys.ts';
import { repeatRead } from '../../engine/retry.ts';
import type { Page, Telemetry } from '../../ports/index.ts';
import { CliError } from '../exit.ts';
import { systemClock, systemRandom } from '../system.ts';
import type { OpenPlatform } from './platform.ts';

/** Part of what a credential sees. */
export interface Scope {
  /** Absent: every workspace of the credential. */
  readonly workspace?: string;
  /** Absent: every mini program. */
  readonly miniProgram?: string;
}

interface Reading {
  readonly telemetry: Telemetry;
  readonly signal: AbortSignal;
}

/**
 * `WORKSPACE` or `WORKSPACE/MINIPROGRAM`.
 *
 * @throws CliError `Usage`
 */
export function parseScope(text: string | undefined): Scope {
  if (text === undefined) return {};
  const [workspace = '', miniProgram, ...rest] = text.split('/');
  if (workspace === '' || miniProgram === '' || rest.length > 0) {
    throw new CliError('Usage', `${text} is not WORKSPACE or WORKSPACE/MINIPROGRAM`, {
      nextStep: 'for example acme/3500020208396321',
    });
  }
  return { workspace, ...(miniProgram === undefined ? {} : { miniProgram }) };
}

/** The workspaces of a scope that a credential sees. */
export async function workspacesOf(
  { platform }: OpenPlatform,
  { workspace }: Scope,
  reading: Reading,
): Promise<readonly string[]> {
  const { caller } = await again(async () => platform.platform(reading.signal), reading);
  const all = caller.workspaces.map(({ id }) => id);
  return workspace === undefined ? all : all.filter((id) => id === workspace);
}

/** The mini programs of workspaces; one that does not exist is left out. */
export async function readPrograms(
  { platform }: OpenPlatform,
  {
    workspaces,
    miniProgram,
  }: { readonly workspaces: readonly string[]; readonly miniProgram?: string },
  reading: Reading,
): Promise<readonly ObservedMiniProgram[]> {
  const ids = miniProgram === undefined ? undefined : [miniProgram];
  const lists = await Promise.all(
    workspaces.map(async (workspace) =>
      again(async () => all(platform.miniPrograms(workspace, ids, reading.signal)), reading),
    ),
  );
  return unique(lists.flat(), ({ key }) => programId(key));
}

/** Everything of one sort that belongs to the programs. */
export async function readListing(
  opened: OpenPlatform,
  what: Listing['what'],
  programs: readonly ObservedMiniProgram[],
  reading: Reading,
): Promise<Listing> {
  const { platform } = opened;
  const keys = programs.map(({ key }) => key);
  const { signal } = reading;
  switch (what) {
    case 'programs':
      return { what, programs };
    case 'versions':
      return {
        what,
        programs: await each(keys, reading, async (key) => platform.versions(key, signal)),
      };
    case 'targets':
      return {
        what,
        programs: await each(keys, reading, async (key) => platform.targets(key, signal)),
      };
    case 'releases':
      return { what, programs: await readReleases(opened, keys, reading) };
  }
}

async function each<T>(
  keys: readonly ProgramKey[],
  reading: Reading,
  read: (key: ProgramKey) => Promise<readonly T[]>,
): Promise<readonly OfProgram<T>[]> {
  return Promise.all(
    keys.map(async (key) => ({ key, items: await again(async () => read(key), reading) })),
  );
}

/** One list per workspace; filtered where one program alone is wanted. */
export async function readReleases(
  { platform }: OpenPlatform,
  keys: readonly ProgramKey[],
  reading: Reading,
): Promise<readonly OfProgram<ObservedRelease>[]> {
  const only = keys.length === 1 ? keys[0]?.miniProgram : undefined;
  const filter = only === undefined ? {} : { miniPrograms: [only] };
  const workspaces = [...new Set(keys.map(({ workspace }) => workspace))];
  const lists = await Promise.all(
    workspaces.map(async (workspace) =>
      again(async () => all(platform.releases({ workspace, ...filter }, reading.signal)), reading),
    ),
  );
  const releases = unique(lists.flat(), ({ id }) => id);
  const grouped = Map.groupBy(releases, ({ key }) => programId(programOf(key)));
  return keys.map((key) => ({ key, items: grouped.get(programId(key)) ?? [] }));
}

async function all<T>(pages: AsyncIterable<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...page.items);
  return items;
}

/** A list that moves while it is paged may show one thing twice: the later sight counts. */
function unique<T>(items: readonly T[], idOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [idOf(item), item])).values()];
}

async function again<T>(read: () => Promise<T>, { telemetry, signal }: Reading): Promise<T> {
  return repeatRead(read, { clock: systemClock, random: systemRandom, telemetry }, signal);
}
