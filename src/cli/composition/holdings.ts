import type { ObservedMiniProgram, ObservedRelease } from '../../core/model/observed.ts';
import type { Listing, OfProgram } from '../../core/render/listing.ts';
import { programId, programOf, releaseId, type ProgramKey } from '../../core/words/keys.ts';
import { groupsOf } from '../../engine/listing.ts';
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

export interface Reading {
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

/** What is wanted of one workspace. */
export interface Wanted {
  readonly workspace: string;
  /** Mini program ids; absent: all. */
  readonly ids?: readonly string[];
}

/** The part of a scope that a credential sees, workspace by workspace. */
export async function wantedOf(
  { platform }: OpenPlatform,
  { workspace, miniProgram }: Scope,
  reading: Reading,
): Promise<readonly Wanted[]> {
  const { caller } = await again(async () => platform.platform(reading.signal), reading);
  const ids = miniProgram === undefined ? {} : { ids: [miniProgram] };
  return caller.workspaces
    .filter(({ id }) => workspace === undefined || id === workspace)
    .map(({ id }) => ({ workspace: id, ...ids }));
}

/** The mini programs that are wanted; one that does not exist is left out. */
export async function readPrograms(
  opened: OpenPlatform,
  wanted: readonly Wanted[],
  reading: Reading,
): Promise<readonly ObservedMiniProgram[]> {
  const items = await readGroups(opened, wanted, reading, (workspace, ids) =>
    opened.platform.miniPrograms(workspace, ids, reading.signal),
  );
  return unique(items, ({ key }) => programId(key));
}

/** Every release of the mini programs that are wanted. */
export async function readReleases(
  opened: OpenPlatform,
  wanted: readonly Wanted[],
  reading: Reading,
): Promise<readonly ObservedRelease[]> {
  const items = await readGroups(opened, wanted, reading, (workspace, ids) =>
    opened.platform.releases(
      { workspace, ...(ids === undefined ? {} : { miniPrograms: ids }) },
      reading.signal,
    ),
  );
  return unique(items, ({ key }) => releaseId(key));
}

interface ListCall {
  readonly workspace: string;
  readonly group: readonly string[] | undefined;
}

/** A list per workspace, or per group of ids that one filter can hold. */
async function readGroups<T>(
  { platform }: OpenPlatform,
  wanted: readonly Wanted[],
  reading: Reading,
  list: (workspace: string, ids: readonly string[] | undefined) => AsyncIterable<Page<T>>,
): Promise<readonly T[]> {
  const { capabilities } = await again(async () => platform.platform(reading.signal), reading);
  const calls = wanted.flatMap(({ workspace, ids }): readonly ListCall[] =>
    ids === undefined
      ? [{ workspace, group: undefined }]
      : groupsOf(ids, capabilities.maxIdsPerFilter).map((group) => ({ workspace, group })),
  );
  const lists = await Promise.all(
    calls.map(async ({ workspace, group }) =>
      again(async () => all(list(workspace, group)), reading),
    ),
  );
  return lists.flat();
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
      return {
        what,
        programs: byProgram(keys, await readReleases(opened, releasesOf(keys), reading)),
      };
  }
}

/** A list of each program's own. */
export async function each<T>(
  keys: readonly ProgramKey[],
  reading: Reading,
  read: (key: ProgramKey) => Promise<readonly T[]>,
): Promise<readonly OfProgram<T>[]> {
  return Promise.all(
    keys.map(async (key) => ({ key, items: await again(async () => read(key), reading) })),
  );
}

function byProgram(
  keys: readonly ProgramKey[],
  releases: readonly ObservedRelease[],
): readonly OfProgram<ObservedRelease>[] {
  const grouped = Map.groupBy(releases, ({ key }) => programId(programOf(key)));
  return keys.map((key) => ({ key, items: grouped.get(programId(key)) ?? [] }));
}

/** One program's ids say more than the whole workspace; many programs are the whole workspace. */
function releasesOf(keys: readonly ProgramKey[]): readonly Wanted[] {
  const groups = Map.groupBy(keys, ({ workspace }) => workspace);
  return [...groups].map(([workspace, members]) => ({
    workspace,
    ...(members.length === 1 ? { ids: members.map(({ miniProgram }) => miniProgram) } : {}),
  }));
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

/** Repeats a read while that helps. */
export async function again<T>(read: () => Promise<T>, { telemetry, signal }: Reading): Promise<T> {
  return repeatRead(read, { clock: systemClock, random: systemRandom, telemetry }, signal);
}
