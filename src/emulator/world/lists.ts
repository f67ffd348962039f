import { List } from 'immutable';

import { compareText } from '../../core/words/keys.ts';
import type { EpochMs } from '../../core/words/time.ts';
import { refused, success, type Answer, type Body, type Refused } from './answers.ts';
import {
  cursorToken,
  openCursor,
  openPage,
  pageToken,
  slice,
  type Opened,
  type Problem,
} from './pages.ts';
import { wireProgram, wireRelease } from './records.ts';
import { isWorkspaceAdmin, maySee, type Caller } from './roles.ts';
import { findProgram, programKey, type Program, type Release, type World } from './state.ts';

/** A read request on its way: who asks, in which world, when. */
export interface Reading {
  readonly world: World;
  readonly caller: Caller;
  readonly now: EpochMs;
}

export function listMiniPrograms(
  reading: Reading,
  body: Body<'listMiniPrograms'>,
): Answer<'listMiniPrograms'> {
  const refusal = refusedFilters(reading, body);
  if (refusal) return refusal;
  const list = ['listMiniPrograms', body.workspace, body.miniPrograms ?? null];
  const opened = openPage(reading.world, list, body, reading.now);
  if (typeof opened === 'string') return refusedToken(opened);
  const programs = visiblePrograms(reading, body.workspace, body.miniPrograms);
  const { page, ...next } = slice(programs, opened, pageToken(list, reading.now));
  const miniPrograms = page.map((program) => wireProgram(reading.world, program));
  return { result: success, miniPrograms, ...next };
}

export function listVersions(reading: Reading, body: Body<'listVersions'>): Answer<'listVersions'> {
  const program = seenProgram(reading, body);
  if ('result' in program) return program;
  const list = ['listVersions', body.workspace, body.miniProgram];
  const opened = openPage(reading.world, list, body, reading.now);
  if (typeof opened === 'string') return refusedToken(opened);
  const { page, ...next } = slice(program.versions, opened, pageToken(list, reading.now));
  return { result: success, versions: page, ...next };
}

export function listTargets(reading: Reading, body: Body<'listTargets'>): Answer<'listTargets'> {
  const program = seenProgram(reading, body);
  if ('result' in program) return program;
  const list = ['listTargets', body.workspace, body.miniProgram];
  const opened = openPage(reading.world, list, body, reading.now);
  if (typeof opened === 'string') return refusedToken(opened);
  const apps = [...reading.world.apps.values()].toSorted((a, b) => compareText(a.id, b.id));
  const { page, ...next } = slice(apps, opened, pageToken(list, reading.now));
  return { result: success, targets: page.map(({ id, ...app }) => ({ app: id, ...app })), ...next };
}

export function listReleases(reading: Reading, body: Body<'listReleases'>): Answer<'listReleases'> {
  const { world, now } = reading;
  const refusal = refusedFilters(reading, body);
  if (refusal) return refusal;
  const { workspace, miniPrograms = null, versions = null, statuses = null } = body;
  const filters = ['listReleases', workspace, miniPrograms, versions, statuses];
  const list = [...filters, body.cursor ?? null];
  const opened = openPage(world, list, body, now);
  if (typeof opened === 'string') return refusedToken(opened);
  const changedAfter = cursorStart(reading, filters, body.cursor);
  if (typeof changedAfter === 'string') return refusedCursor(changedAfter);

  const { page, next } = releasePage(reading, body, { ...opened, changedAfter });
  const releases = page.map((release) => wireRelease(world, release));
  if (next !== undefined)
    return { result: success, releases, nextPageToken: pageToken(list, now)(next, opened.since) };
  return world.switches.increments
    ? { result: success, releases, cursor: cursorToken(filters, opened.since, now) }
    : { result: success, releases };
}

function cursorStart(
  { world, now }: Reading,
  filters: object,
  cursor: string | undefined,
): number | Problem {
  if (cursor === undefined) return -1;
  return world.switches.increments ? openCursor(world, filters, cursor, now) : 'illegal';
}

interface ReleasePage {
  readonly page: readonly Release[];
  /** Where the next page starts. */
  readonly next?: number;
}

type Start = Opened & { readonly changedAfter: number };

/**
 * One page of records.
 *
 * Records are never deleted and keep their place, so a page that starts at a place neither repeats nor misses one,
 * whatever changes in between. `recentlyChanged` does both, on purpose.
 */
function releasePage(reading: Reading, body: Body<'listReleases'>, start: Start): ReleasePage {
  const { world } = reading;
  const isWanted = filterOf(reading, body, start.changedAfter);
  if (world.switches.pageOrder !== 'recentlyChanged') return scan(world, body, { start, isWanted });
  const wanted = [...placesOf(world, body, 0)]
    .flatMap(({ seq }) => world.releases.get(seq) ?? [])
    .filter(isWanted);
  return movingPage(wanted, start);
}

function scan(
  world: World,
  body: Body<'listReleases'>,
  how: { readonly start: Start; readonly isWanted: (release: Release) => boolean },
): ReleasePage {
  const { start, isWanted } = how;
  const page: Release[] = [];
  for (const { place, seq } of placesOf(world, body, start.from)) {
    const release = world.releases.get(seq);
    if (!release || !isWanted(release)) continue;
    if (page.length === start.size) return { page, next: place };
    page.push(release);
  }
  return { page };
}

interface Placed {
  readonly place: number;
  readonly seq: number;
}

/** The records a list may hold, from a place on, in the order of places. */
function* placesOf(
  world: World,
  { workspace, miniPrograms }: Body<'listReleases'>,
  from: number,
): Generator<Placed> {
  const { placeOf, seqAt } = world.switches.pageOrder === 'shuffled' ? shuffled : created;
  if (!miniPrograms) {
    const end = Math.ceil(world.releases.size / blockSize) * blockSize;
    for (let place = from; place < end; place += 1) yield { place, seq: seqAt(place) };
    return;
  }
  const lists = [...new Set(miniPrograms)].map((miniProgram) =>
    world.byProgram.get(programKey({ workspace, miniProgram }), List<number>()).toArray(),
  );
  const places = lists.flat().map((seq) => ({ seq, place: placeOf(seq) }));
  yield* places.filter(({ place }) => place >= from).sort((a, b) => a.place - b.place);
}

interface Order {
  readonly placeOf: (seq: number) => number;
  readonly seqAt: (place: number) => number;
}

const created: Order = { placeOf: (seq) => seq, seqAt: (place) => place };

/*
 * Another order than that of creation, in which a record keeps its place while others are added: each block of 1,024 is
 * permuted in itself, by a multiplication that 1,024 does not divide.
 */
const blockSize = 1024;
const factor = 517;
/** factor * inverse is 1 modulo 1,024. */
const inverse = 717;
const shuffled: Order = {
  seqAt: (place) => inBlock(place, (within) => within * factor),
  placeOf: (seq) => inBlock(seq, (within) => within * inverse),
};

function inBlock(position: number, permute: (within: number) => number): number {
  const within = position % blockSize;
  return position - within + (permute(within) % blockSize);
}

function movingPage(wanted: readonly Release[], { from, size }: Start): ReleasePage {
  const ordered = wanted.toSorted((a, b) => b.changed - a.changed);
  const page = ordered.slice(from, from + size);
  return from + size < ordered.length ? { page, next: from + size } : { page };
}

function filterOf(
  reading: Reading,
  { workspace, versions, statuses }: Body<'listReleases'>,
  changedAfter: number,
): (release: Release) => boolean {
  const isVisible = visibility(reading, workspace);
  return (release) =>
    release.workspace === workspace &&
    release.changed > changedAfter &&
    (versions?.includes(release.version) ?? true) &&
    (statuses?.includes(release.status) ?? true) &&
    isVisible(release.miniProgram);
}

/** Whether the caller sees a program of the workspace; asked once per program. */
function visibility(
  { world, caller }: Reading,
  workspace: string,
): (miniProgram: string) => boolean {
  if (isWorkspaceAdmin(world, caller, workspace)) return () => true;
  const known = new Map<string, boolean>();
  return (miniProgram) => {
    const found = known.get(miniProgram);
    if (found !== undefined) return found;
    const program = world.programs.get(programKey({ workspace, miniProgram }));
    const isVisible = program !== undefined && maySee(world, caller, program);
    known.set(miniProgram, isVisible);
    return isVisible;
  };
}

function visiblePrograms(
  { world, caller }: Reading,
  workspace: string,
  ids: readonly string[] | undefined,
): Program[] {
  const wanted = ids === undefined ? undefined : new Set(ids);
  return world.programOrder
    .toArray()
    .flatMap((key) => world.programs.get(key) ?? [])
    .filter(
      (program) =>
        program.workspace === workspace &&
        (wanted?.has(program.id) ?? true) &&
        maySee(world, caller, program),
    );
}

/** The program a caller names, or why it is kept from it. */
export function seenProgram(
  { world, caller }: Reading,
  key: { readonly workspace: string; readonly miniProgram: string },
): Program | Refused {
  const program = findProgram(world, key);
  if (program && maySee(world, caller, program)) return program;
  if (program === undefined && isMember({ world, caller }, key.workspace))
    return refused('MINI_PROGRAM_NOT_FOUND', 'there is no such mini program in the workspace');
  return refused('ACCESS_DENIED', 'the caller is no member of the mini program');
}

function isMember(
  { world, caller }: Pick<Reading, 'world' | 'caller'>,
  workspace: string,
): boolean {
  if (isWorkspaceAdmin(world, caller, workspace)) return true;
  return world.programs.some(
    (program) => program.workspace === workspace && maySee(world, caller, program),
  );
}

function refusedFilters(
  reading: Reading,
  body: { readonly workspace: string; readonly miniPrograms?: readonly string[] },
): Refused | undefined {
  if (!isMember(reading, body.workspace))
    return refused('ACCESS_DENIED', 'the caller has no right in the workspace');
  const most = reading.world.switches.maxIdsPerFilter;
  const ids = Math.max(
    body.miniPrograms?.length ?? 0,
    'versions' in body && Array.isArray(body.versions) ? body.versions.length : 0,
  );
  return ids > most ? refused('PARAM_ILLEGAL', `a filter has at most ${most} ids`) : undefined;
}

function refusedToken(problem: Problem): Refused {
  return problem === 'expired'
    ? refused('PAGE_TOKEN_EXPIRED', 'the page token is no longer valid')
    : refused('PARAM_ILLEGAL', 'the page token belongs to another list');
}

function refusedCursor(problem: Problem): Refused {
  return problem === 'expired'
    ? refused('CURSOR_EXPIRED', 'the cursor is no longer valid')
    : refused('PARAM_ILLEGAL', 'the cursor belongs to another list');
}
