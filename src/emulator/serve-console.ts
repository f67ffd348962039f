import { Ajv, type ValidateFunction } from 'ajv';

import { epochMs } from '../core/words/time.ts';
import { createFaults, FaultPlan } from './faults.ts';
import { createLimiter, RateLimit } from './rate-limit.ts';
import type { Received } from './receive.ts';
import { jsonType, type Delivered, type Reply } from './reply.ts';
import { schemaMistakes } from './schema-words.ts';
import type { CallService } from './serve-calls.ts';
import { dumpWorld } from './world-file.ts';
import { consoleActions, consoleMessages } from './world/console-messages.ts';
import type { ConsoleRequest } from './world/console.ts';

const consolePrefix = '/console/';

/** The index answers with and without the slash. */
export function isOfConsole(path: string): boolean {
  return path === '/console' || path.startsWith(consolePrefix);
}

/** What every answer of the console tells besides: which process this is. */
export interface ConsoleService extends CallService {
  readonly instance: string;
}

const ajv = new Ajv({ allErrors: true, verbose: true });
const actionValidators = new Map<string, ValidateFunction>(
  consoleActions.map((action) => [action, ajv.compile(consoleMessages[action])]),
);
const isFaultPlan = ajv.compile<FaultPlan>(FaultPlan);
const isRateLimit = ajv.compile<RateLimit>(RateLimit);

/** Serves what people do, and what tests look at. Unsigned: loopback is its only guard. */
export async function serveConsole(
  service: ConsoleService,
  received: Received,
): Promise<Delivered> {
  return { reply: await replyOf(service, received), delivery: { kind: 'whole' } };
}

async function replyOf(service: ConsoleService, received: Received): Promise<Reply> {
  const url = new URL(received.path, 'http://loopback');
  const name = url.pathname.slice(consolePrefix.length);
  if (received.headers['origin'] !== undefined || !isLoopbackName(received.headers['host']))
    return json(403, { error: 'the console is not for web pages' });
  if (received.method === 'GET') return show(service, name, url.searchParams);
  if (received.method !== 'POST') return json(405, { error: 'GET or POST' });
  const body = parseJson(received.body);
  if (body === undefined) return json(400, { error: 'the body is not JSON' });
  return control(service, name, body);
}

const loopbackName = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/;

/** A page whose name was rebound to this machine sends no `Origin` when it reads, but it cannot change its own name. */
function isLoopbackName(host: string | string[] | undefined): boolean {
  return typeof host === 'string' && loopbackName.test(host);
}

function show(service: ConsoleService, name: string, query: URLSearchParams): Reply {
  const { host, instance } = service;
  switch (name) {
    case '':
      return json(200, index);
    case 'health':
      return json(200, { instance, platformId: host.world().platformId, emulator: true });
    case 'calls':
      return json(200, host.calls(Number(query.get('after') ?? 0)));
    case 'approvals':
      return json(200, host.world().approvals.toArray().map(approvalView(service)));
    case 'world':
      return {
        status: 200,
        headers: { 'content-type': 'application/yaml; charset=UTF-8' },
        body: Buffer.from(dumpWorld(host.world())),
      };
    default:
      return notThere(name);
  }
}

/** What there is, for somebody who looks around. */
const index = {
  GET: ['health', 'calls', 'approvals', 'world'].map((name) => `${consolePrefix}${name}`),
  POST: ['faults', 'rate-limit', 'reset-calls', ...consoleActions].map(
    (name) => `${consolePrefix}${name}`,
  ),
};

function notThere(name: string): Reply {
  return json(404, {
    error: `there is no ${consolePrefix}${name}; GET ${consolePrefix} lists all`,
  });
}

function approvalView({ host }: ConsoleService) {
  return ({ seq: _, releaseSeq, ...approval }: { seq: number; releaseSeq: number }) => {
    const release = host.world().releases.get(releaseSeq);
    if (!release) return approval;
    const { workspace, miniProgram, version, app, environment } = release;
    return { ...approval, ...{ workspace, miniProgram, version, app, environment } };
  };
}

async function control(service: ConsoleService, name: string, body: unknown): Promise<Reply> {
  switch (name) {
    case 'faults':
      if (!isFaultPlan(body)) return illegal(isFaultPlan);
      service.faults = createFaults(body);
      return json(200, { rules: body.rules.length });
    case 'rate-limit':
      if (!isRateLimit(body)) return illegal(isRateLimit);
      service.rateLimit = body;
      service.limiter = createLimiter(body);
      return json(200, body);
    case 'reset-calls':
      service.host.resetCalls();
      return json(200, {});
    default:
      return act(service, name, body);
  }
}

async function act(service: ConsoleService, action: string, body: unknown): Promise<Reply> {
  const validate = actionValidators.get(action);
  if (!validate) return notThere(action);
  if (!validate(body)) return illegal(validate);
  const request = { action, ...(body as object) } as ConsoleRequest;
  const answer = service.host.console(request, epochMs(service.now()));
  await service.host.settle();
  return json(200, answer);
}

function illegal(validate: ValidateFunction): Reply {
  const mistakes = schemaMistakes(validate.errors ?? [], 'the body');
  return json(400, { error: mistakes.map(({ message }) => message).join('; ') });
}

function json(status: number, value: unknown): Reply {
  return {
    status,
    headers: { 'content-type': jsonType },
    body: Buffer.from(JSON.stringify(value)),
  };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8') || '{}');
  } catch {
    return undefined;
  }
}
