import { createHash } from 'node:crypto';

import canonicalize from 'canonicalize';

import type { EpochMs } from '../core/words/time.ts';
import type { Operation, writeOperations } from '../protocol/operations.ts';
import { refused, succeeded, success, type Answer, type Body } from './world/answers.ts';
import { performConsole, type ConsoleAnswer, type ConsoleRequest } from './world/console.ts';
import {
  listMiniPrograms,
  listReleases,
  listTargets,
  listVersions,
  seenProgram,
  type Reading,
} from './world/lists.ts';
import { wireRelease } from './world/records.ts';
import { isWorkspaceAdmin, maySee, rightsOf, type Caller } from './world/roles.ts';
import { findRelease, type Remembered, type World } from './world/state.ts';
import {
  createRelease,
  patchGlobalConfig,
  patchReleaseConfig,
  type Wrote,
} from './world/writes.ts';

/** One call of the contract, its sender already known and its body already valid. */
export type CallRequest = {
  readonly [O in Operation]: {
    readonly kind: 'call';
    readonly client: string;
    readonly operation: O;
    readonly body: Body<O>;
  };
}[Operation];

/** What reaches the platform: a call, or a person at the console. */
export type WorldRequest =
  CallRequest | { readonly kind: 'console'; readonly action: ConsoleRequest };

export type WorldAnswer = Answer<Operation> | ConsoleAnswer;

interface Stepped<A> {
  /** `touched` names what this step changed. */
  readonly state: World;
  readonly response: A;
}

/**
 * The whole Mini Program Platform as one function: what a request makes of the world, and what it answers.
 *
 * Pure: the given state stays as it is and shares what is unchanged with the new one.
 */
export function step<R extends WorldRequest>(
  state: World,
  request: R,
  now: EpochMs,
): Stepped<
  R extends { kind: 'call'; operation: infer O extends Operation } ? Answer<O> : ConsoleAnswer
>;
export function step(state: World, request: WorldRequest, now: EpochMs): Stepped<WorldAnswer> {
  const world: World = state.touched.length === 0 ? state : { ...state, touched: [] };
  if (request.kind === 'console') {
    const { world: after, answer } = performConsole(world, request.action, now);
    return { state: after, response: answer };
  }
  const { world: after, answer } = isWrite(request)
    ? performOnce(world, request, now)
    : { world, answer: read({ world, caller: request.client, now }, request) };
  return { state: after, response: answer };
}

type WriteRequest = Extract<CallRequest, { readonly operation: (typeof writeOperations)[number] }>;
type ReadRequest = Exclude<CallRequest, WriteRequest>;

function isWrite(request: CallRequest): request is WriteRequest {
  return (
    request.operation === 'createRelease' ||
    request.operation === 'patchReleaseConfig' ||
    request.operation === 'patchGlobalConfig'
  );
}

function read(reading: Reading, request: ReadRequest): Answer<Operation> {
  switch (request.operation) {
    case 'getPlatform':
      return getPlatform(reading.world, request.client);
    case 'listMiniPrograms':
      return listMiniPrograms(reading, request.body);
    case 'listVersions':
      return listVersions(reading, request.body);
    case 'listTargets':
      return listTargets(reading, request.body);
    case 'listReleases':
      return listReleases(reading, request.body);
    case 'getRelease':
      return getRelease(reading, request.body);
  }
}

function getPlatform(world: World, client: string): Answer<'getPlatform'> {
  const { conditionalWrites, requestIds, marks, increments, frozen } = world.switches;
  const { variables, maxPageSize, maxIdsPerFilter } = world.switches;
  return {
    result: success,
    platformId: world.platformId,
    emulator: true,
    capabilities: {
      ...{ conditionalWrites, requestIds, marks, increments, frozen },
      ...{ variables, maxPageSize, maxIdsPerFilter },
    },
    caller: { client, workspaces: rightsOf(world, client) },
  };
}

function getRelease(reading: Reading, body: Body<'getRelease'>): Answer<'getRelease'> {
  const program = seenProgram(reading, body);
  if ('result' in program) {
    const isMissing = program.result.resultCode === 'MINI_PROGRAM_NOT_FOUND';
    return isMissing ? { result: success, release: null } : program;
  }
  const release = findRelease(reading.world, body);
  return { result: success, release: release ? wireRelease(reading.world, release) : null };
}

/** Performs a write unless its request id was answered before: then the same answer comes again. */
function performOnce(world: World, request: WriteRequest, now: EpochMs): Wrote<Answer<Operation>> {
  const { requestId } = request.body;
  const { requestIds, permissive } = world.switches;
  if (requestId === undefined || !requestIds || permissive) return write(world, request, now);

  const key = `${request.client} ${requestId}`;
  const digest = digestOf(request);
  const known = world.requests.get(key);
  if (known && now - known.at <= world.switches.rememberHours * 3_600_000) {
    if (known.digest === digest) return { world, answer: known.answer };
    const answer = refused(
      'REPEAT_REQ_INCONSISTENT',
      'the request id was used for another request',
    );
    return { world, answer };
  }
  const wrote = write(world, request, now);
  const isKept = succeeded(wrote.answer) || world.switches.rememberFailures;
  if (!isKept) return wrote;
  return { ...wrote, world: remember(wrote.world, key, { at: now, digest, answer: wrote.answer }) };
}

function write(world: World, request: WriteRequest, now: EpochMs): Wrote<Answer<Operation>> {
  const reading: Reading = { world, caller: request.client, now };
  switch (request.operation) {
    case 'createRelease':
      return createRelease(reading, request.body);
    case 'patchReleaseConfig':
      return patchReleaseConfig(reading, request.body);
    case 'patchGlobalConfig':
      return patchGlobalConfig(reading, request.body);
  }
}

function digestOf({ operation, body }: WriteRequest): string {
  return createHash('sha256')
    .update(canonicalize([operation, body]) ?? '')
    .digest('base64url');
}

/** Old answers are dropped whenever the number kept has doubled, so that remembering stays cheap. */
function remember(world: World, key: string, entry: Remembered): World {
  const requests = world.requests.set(key, entry);
  const touched = [...world.touched, { table: 'requests', key } as const];
  if (requests.size < world.requestsPurgeAt) return { ...world, requests, touched };
  const oldest = entry.at - world.switches.rememberHours * 3_600_000;
  const kept = requests.filter(({ at }) => at >= oldest);
  return { ...world, requests: kept, requestsPurgeAt: Math.max(1024, kept.size * 2), touched };
}

/** Whether anybody gave this client a right anywhere. */
export function isKnown(world: World, caller: Caller): boolean {
  if (caller === undefined) return true;
  return (
    world.clients.has(caller) ||
    world.workspaces.some(({ id }) => isWorkspaceAdmin(world, caller, id)) ||
    world.programs.some((program) => maySee(world, caller, program))
  );
}
