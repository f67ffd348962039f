/**
 * A whole adapter: serves the contract of docs/platform-api.md in front of a private API that has plain GET, POST and PUT,
 * no conditional writes, no request ids and nowhere to keep a mark. docs/guides/adapter.md explains it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import * as isValid from '../../src/protocol/generated/requests.js';
import { clockWindowMs, parseMessageTime } from '../../src/protocol/message-time.ts';
import { defaultRoutes, type Operation, operations } from '../../src/protocol/operations.ts';
import type { Signable, Signer, Verifier } from '../../src/protocol/signature.ts';
import type { RequestOf, WireConfig, WireNewConfig, WirePatch } from '../../src/protocol/wire.ts';
import type { PrivateApi, PrivateProgram, PrivateRelease, Settings } from './private-api.ts';

export interface AdapterOptions {
  readonly platformId: string;
  /** The private API knows no workspaces: it holds the programs of this one. */
  readonly workspace: string;
  readonly ask: PrivateApi;
  /** Who may call, by Client-Id. */
  readonly callers: ReadonlyMap<string, Verifier>;
  readonly signer: Signer;
}

const capabilities = {
  ...{ conditionalWrites: false, requestIds: false, marks: false, increments: false },
  ...{ frozen: false, variables: 'readable', maxPageSize: 200, maxIdsPerFilter: 50 },
};

/** A field that is absent inherits: global values are not filled in. */
function toConfig({ variables, ...plain }: Settings): WireConfig {
  const environmentVariables = Object.entries(variables).map(([name, value]) => ({ name, value }));
  return environmentVariables.length > 0 ? { ...plain, environmentVariables } : plain;
}

function toSettings({ environmentVariables = [], ...plain }: WireNewConfig): Settings {
  const variables = environmentVariables.map(({ name, value }) => [name, value] as const);
  return { ...plain, variables: Object.fromEntries(variables) };
}

/** The whole settings for a PUT: absent keeps, null inherits, variables come and go by name. */
function patched(settings: Settings, { environmentVariables, ...plain }: WirePatch): Settings {
  const { upsert = [], remove = [] } = environmentVariables ?? {};
  const kept = Object.entries(settings.variables).filter(([name]) => !remove.includes(name));
  const given = upsert.map(({ name, value }) => [name, value] as const);
  const fields = Object.entries({ ...settings, ...plain }).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(fields), variables: Object.fromEntries([...kept, ...given]) };
}

/** What each operation answers besides its result; a text is the code of a refusal. */
function handlersOf({ platformId, workspace, ask }: AdapterOptions, client: string) {
  const toRelease = ({ id, program, changes, settings, ...same }: PrivateRelease) => ({
    ...{ ...same, id: String(id), workspace, miniProgram: program, config: toConfig(settings) },
    // Counts changes of settings and status, so it never returns; a time of change would do as well.
    revision: String(changes),
  });
  const toProgram = ({ id, title, changes, defaults }: PrivateProgram) => ({
    ...{ workspace, miniProgram: id, name: title, globalConfig: toConfig(defaults) },
    globalRevision: String(changes),
  });
  const programs = async () => (await ask<PrivateProgram[]>('GET', '/programs')).map(toProgram);
  const releases = async () => (await ask<PrivateRelease[]>('GET', '/releases')).map(toRelease);
  const targetOf = (it: Omit<RequestOf<'getRelease'>, 'workspace'>) =>
    [it.miniProgram, it.version, it.app, it.environment].join(' ');
  const find = async (key: RequestOf<'getRelease'>) =>
    (await releases()).find((release) => targetOf(release) === targetOf(key));
  // Lists are answered whole: Fairlead drops what it did not ask for.
  return {
    getPlatform: async () => ({
      ...{ platformId, capabilities },
      caller: { client, workspaces: [{ id: workspace, rights: ['admin'] }] },
    }),
    listMiniPrograms: async () => ({ miniPrograms: await programs() }),
    listVersions: async ({ miniProgram }: RequestOf<'listVersions'>) => ({
      versions: await ask<string[]>('GET', `/programs/${encodeURIComponent(miniProgram)}/versions`),
    }),
    listTargets: async () => ({ targets: await ask<unknown[]>('GET', '/apps') }),
    listReleases: async () => ({ releases: await releases() }),
    getRelease: async (key: RequestOf<'getRelease'>) => ({ release: (await find(key)) ?? null }),
    createRelease: async (request: RequestOf<'createRelease'>) => {
      if (await find(request)) return 'RELEASE_TARGET_ALREADY_SELECTED';
      const { miniProgram: program, version, app, environment, config } = request;
      const body = { program, version, app, environment, settings: toSettings(config) };
      return { release: toRelease(await ask<PrivateRelease>('POST', '/releases', body)) };
    },
    patchReleaseConfig: async ({ patch, ...key }: RequestOf<'patchReleaseConfig'>) => {
      const found = await find(key);
      if (!found) return 'RELEASE_NOT_FOUND';
      if (found.status !== 'NewVersionCreated') return 'RELEASE_NOT_EDITABLE';
      const path = `/releases/${found.id}/settings`;
      const body = patched(await ask<Settings>('GET', path), patch);
      return { release: toRelease(await ask<PrivateRelease>('PUT', path, body)) };
    },
    patchGlobalConfig: async ({ miniProgram, patch }: RequestOf<'patchGlobalConfig'>) => {
      const path = `/programs/${encodeURIComponent(miniProgram)}/defaults`;
      const body = patched(await ask<Settings>('GET', path), patch);
      return { miniProgram: toProgram(await ask<PrivateProgram>('PUT', path, body)) };
    },
  };
}

type Handlers = Readonly<Record<Operation, (request: never) => Promise<object | string>>>;

const say = (resultStatus: string, resultCode: string) => ({
  result: { resultStatus, resultCode },
});

/** Verifies, validates, performs. */
async function answer(options: AdapterOptions, call: Signable, signature: string): Promise<object> {
  const caller = options.callers.get(call.clientId);
  if (!caller) return say('F', 'INVALID_CLIENT');
  if (!caller.verify(call, signature)) return say('F', 'INVALID_SIGNATURE');
  const lateMs = Math.abs((parseMessageTime(call.time) ?? 0) - Date.now());
  if (lateMs > clockWindowMs) return say('F', 'TIMESTAMP_INVALID');
  const operation = operations.find((name) => call.path === `/api/${defaultRoutes[name]}`);
  if (!operation) return say('F', 'INVALID_API');
  const request: unknown = JSON.parse(String(call.body));
  if (!isValid[operation](request)) return say('F', 'PARAM_ILLEGAL');
  if ('workspace' in request && request.workspace !== options.workspace)
    return say('F', 'ACCESS_DENIED');
  const handlers: Handlers = handlersOf(options, call.clientId);
  const found = await handlers[operation](request as never);
  return typeof found === 'string' ? say('F', found) : { ...say('S', 'SUCCESS'), ...found };
}

/** The adapter as a server that is yet to listen: on loopback, or behind TLS. */
export function createAdapter(options: AdapterOptions): Server {
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const { 'client-id': clientId = '', 'request-time': time = '', signature } = request.headers;
    const body = Buffer.concat(await request.toArray()).toString();
    const call = { path: request.url ?? '', clientId: String(clientId), time: String(time), body };
    // Whatever the private API failed with leaves open whether a write was done.
    const unknown = () => say('U', 'UNKNOWN_EXCEPTION');
    const found = await answer(options, call, String(signature)).catch(unknown);
    const message = { ...call, time: new Date().toISOString(), body: JSON.stringify(found) };
    response.writeHead(200, {
      ...{ 'Content-Type': 'application/json', 'Client-Id': call.clientId },
      ...{ 'Response-Time': message.time, Signature: options.signer.sign(message) },
    });
    response.end(message.body);
  };
  return createServer((request, response) => void serve(request, response));
}
