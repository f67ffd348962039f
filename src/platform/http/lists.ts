import type { ObservedRelease, PlatformInfo } from '../../core/model/observed.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { ReleaseKey } from '../../core/words/keys.ts';
import type { PlatformReader, ReleaseQuery, Telemetry } from '../../ports/index.ts';
import * as responses from '../../protocol/generated/responses.js';
import type { RequestOf, WireMiniProgram, WireRelease } from '../../protocol/wire.ts';
import { releaseKeyOf } from './bodies.ts';
import { failureError, malformed } from './classify.ts';
import type { Exchange } from './exchange.ts';
import { observedMiniProgram, observedRelease, observedTargetApp } from './observed.ts';
import { followPages, groupsOf, type RawPage } from './pages.ts';
import { miniProgramsOf, releasesOf } from './records.ts';

/** What every operation of one driver needs. */
export interface DriverContext {
  readonly exchange: Exchange;
  /** Remembered; refuses a platform that is not ours. */
  readonly platform: (signal: AbortSignal) => Promise<PlatformInfo>;
  readonly platformId: string;
  /** Largest page that is asked for, whatever the platform allows. */
  readonly pageSize: number;
  readonly telemetry: Telemetry;
}

/** The reading half of the driver. */
export function createReader(context: DriverContext): PlatformReader {
  return {
    platform: context.platform,
    miniPrograms: (workspace, ids, signal) => listMiniPrograms(context, workspace, ids, signal),
    releases: (query, signal) => listReleases(context, query, signal),
    release: (key, signal) => getRelease(context, key, signal),
    versions: ({ workspace, miniProgram }, signal) =>
      collect(context, signal, async (paging) => {
        const request = { workspace, miniProgram, ...paging };
        const { body } = await context.exchange('listVersions', request, signal);
        if (!responses.listVersions(body)) throw unreadable('listVersions');
        return { items: body.versions, nextPageToken: body.nextPageToken };
      }),
    targets: ({ workspace, miniProgram }, signal) =>
      collect(context, signal, async (paging) => {
        const request = { workspace, miniProgram, ...paging };
        const { body } = await context.exchange('listTargets', request, signal);
        if (!responses.listTargets(body)) throw unreadable('listTargets');
        return { items: body.targets.map(observedTargetApp), nextPageToken: body.nextPageToken };
      }),
  };
}

interface Paging {
  readonly pageSize: number;
  readonly pageToken?: string;
}

/** All items of a list that is short by nature. */
async function collect<T>(
  context: DriverContext,
  signal: AbortSignal,
  ask: (paging: Paging) => Promise<{ items: readonly T[]; nextPageToken: string | undefined }>,
): Promise<readonly T[]> {
  const { capabilities } = await context.platform(signal);
  const items: T[] = [];
  const pages = followPages('list', (token) => ask(pagingOf(context, capabilities, token)));
  for await (const page of pages) items.push(...page.items);
  return items;
}

async function* listMiniPrograms(
  context: DriverContext,
  workspace: string,
  ids: readonly string[] | undefined,
  signal: AbortSignal,
): ReturnType<PlatformReader['miniPrograms']> {
  const { exchange, telemetry, platformId } = context;
  const { capabilities } = await context.platform(signal);
  const asked = ids && new Set(ids);
  const isAsked = (record: WireMiniProgram) =>
    record.workspace === workspace && (asked?.has(record.miniProgram) ?? true);
  for (const group of groupsOf(ids, capabilities.maxIdsPerFilter)) {
    const filter = group === undefined ? {} : { miniPrograms: [...group] };
    const pages = followPages('listMiniPrograms', async (token) => {
      const request = { workspace, ...filter, ...pagingOf(context, capabilities, token) };
      const { body } = await exchange('listMiniPrograms', request, signal);
      const page = miniProgramsOf(body, (id) => asked?.has(id ?? '') ?? false, telemetry);
      return { items: page.miniPrograms, nextPageToken: page.nextPageToken };
    });
    for await (const { items } of pages)
      yield { items: items.filter(isAsked).map((wire) => observedMiniProgram(platformId, wire)) };
  }
}

async function* listReleases(
  context: DriverContext,
  query: ReleaseQuery,
  signal: AbortSignal,
): ReturnType<PlatformReader['releases']> {
  const { capabilities } = await context.platform(signal);
  if (query.cursor !== undefined && !capabilities.increments)
    throw new ReconcileError('ListExpired', 'the platform lists no increments');
  const isAsked = asks(query);
  const filters = filtersOf(query, capabilities.maxIdsPerFilter);
  // The cursors of parts of a list do not add up to one of the whole.
  const whole = filters.length === 1 && capabilities.increments;
  for (const filter of filters) {
    const pages = followPages('listReleases', (token) =>
      askReleases(context, query, { ...filter, ...pagingOf(context, capabilities, token) }, signal),
    );
    for await (const { items, nextPageToken, cursor } of pages) {
      const ends = whole && nextPageToken === undefined && cursor !== undefined;
      yield {
        items: items.filter(isAsked).map((wire) => observedRelease(context.platformId, wire)),
        ...(ends ? { cursor } : {}),
      };
    }
  }
}

async function askReleases(
  { exchange, telemetry }: DriverContext,
  { declared, miniPrograms }: ReleaseQuery,
  request: RequestOf<'listReleases'>,
  signal: AbortSignal,
): Promise<RawPage<WireRelease>> {
  const ours = declared ?? miniPrograms;
  const isRequired = (id: string | undefined) =>
    id === undefined || ours === undefined || ours.includes(id);
  const { body } = await exchange('listReleases', request, signal);
  const page = releasesOf(body, isRequired, telemetry);
  return { items: page.releases, nextPageToken: page.nextPageToken, cursor: page.cursor };
}

/** @returns undefined where there is no such record, or not even its program or version */
async function getRelease(
  context: DriverContext,
  key: ReleaseKey,
  signal: AbortSignal,
): Promise<ObservedRelease | undefined> {
  await context.platform(signal);
  const body = await absentIfNotFound(context.exchange('getRelease', releaseKeyOf(key), signal));
  if (body === undefined) return undefined;
  if (!responses.getRelease(body)) throw unreadable('getRelease');
  if (body.release === null) return undefined;
  if (!isOf(key, body.release)) throw unreadable('getRelease');
  return observedRelease(context.platformId, body.release);
}

const notFound = new Set(['RELEASE_NOT_FOUND', 'MINI_PROGRAM_NOT_FOUND', 'VERSION_NOT_FOUND']);

async function absentIfNotFound(confirmed: ReturnType<Exchange>): Promise<unknown> {
  try {
    return (await confirmed).body;
  } catch (error) {
    if (error instanceof ReconcileError && notFound.has(error.resultCode ?? '')) return undefined;
    throw error;
  }
}

/** Whether a record is the one that was asked for. */
export function isOf(key: ReleaseKey, wire: WireRelease): boolean {
  return Object.entries(releaseKeyOf(key)).every(
    ([part, text]) => text === Reflect.get(wire, part),
  );
}

/** An adapter may ignore filters; what was not asked for is nobody's. */
function asks(query: ReleaseQuery): (wire: WireRelease) => boolean {
  const programs = query.miniPrograms && new Set(query.miniPrograms);
  const versions = query.versions && new Set(query.versions);
  const statuses = query.statuses && new Set(query.statuses);
  return (wire) =>
    wire.workspace === query.workspace &&
    (programs?.has(wire.miniProgram) ?? true) &&
    (versions?.has(wire.version) ?? true) &&
    (statuses?.has(wire.status) ?? true);
}

/** One request body for each group of ids that a filter takes. */
function filtersOf(query: ReleaseQuery, maxIds: number): readonly RequestOf<'listReleases'>[] {
  const { workspace, statuses, cursor } = query;
  const common = {
    workspace,
    ...(statuses === undefined ? {} : { statuses: [...statuses] }),
    ...(cursor === undefined ? {} : { cursor }),
  };
  return groupsOf(query.miniPrograms, maxIds).flatMap((miniPrograms) =>
    groupsOf(query.versions, maxIds).map((versions) => ({
      ...common,
      ...(miniPrograms === undefined ? {} : { miniPrograms: [...miniPrograms] }),
      ...(versions === undefined ? {} : { versions: [...versions] }),
    })),
  );
}

function pagingOf(
  { pageSize }: DriverContext,
  { maxPageSize }: PlatformInfo['capabilities'],
  pageToken: string | undefined,
): Paging {
  const size = Math.min(pageSize, maxPageSize);
  return { pageSize: size, ...(pageToken === undefined ? {} : { pageToken }) };
}

function unreadable(operation: string): ReconcileError {
  return failureError(operation, malformed('its body', 'read'));
}
