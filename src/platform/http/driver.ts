import type { PlatformInfo } from '../../core/model/observed.ts';
import type { PlatformWrite, Written } from '../../core/model/write.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { ProgramKey } from '../../core/words/keys.ts';
import * as responses from '../../protocol/generated/responses.js';
import type { Operation } from '../../protocol/operations.ts';
import type { WireMiniProgram } from '../../protocol/wire.ts';
import { type Memory, type Platform, withFallbacks } from '../fallbacks.ts';
import { createBody, type Features, patchGlobalBody, patchReleaseBody } from './bodies.ts';
import { failureError, malformed } from './classify.ts';
import {
  createExchange,
  type Exchange,
  type ExchangePorts,
  type HttpConnection,
  kindOf,
} from './exchange.ts';
import { createReader, type DriverContext, isOf } from './lists.ts';
import { observedGlobal, observedRelease } from './observed.ts';
import { remembered } from './remembered.ts';

/** Settings of the http driver: the connection, and the platform it must reach. */
export interface HttpDriverOptions extends ExchangePorts {
  readonly connection: HttpConnection & { readonly platformId: string };
  /** Largest page that is asked for, whatever the platform allows. Default 1,000. */
  readonly pageSize?: number;
  /** Given to several drivers of one connection: what one of them learns, all know. */
  readonly learnt?: Learnt;
}

/** What drivers learn of a platform while they use it. Changed by them; begins empty. */
export interface Learnt extends Memory {
  platform?: (signal: AbortSignal) => Promise<PlatformInfo>;
}

/**
 * A platform behind the contract of docs/platform-api.md, with the fallbacks for what it cannot do.
 *
 * Every answer's signature is verified before anything of it is believed; nothing is retried. `platform()` tells who
 * answers; if that is not `platformId`, every other method throws `PlatformMismatch` and sends nothing.
 */
export function createHttpDriver(options: HttpDriverOptions): Platform {
  const learnt = options.learnt ?? {};
  return withFallbacks(createBareDriver(options, learnt), options.telemetry, learnt);
}

function createBareDriver(
  { connection, pageSize = 1000, ...ports }: HttpDriverOptions,
  learnt: Learnt,
): Platform {
  const { platformId } = connection;
  const exchange = createExchange(connection, ports);
  const platform = (learnt.platform ??= remembered((signal) => readPlatform(exchange, signal)));
  const ours = async (signal: AbortSignal) => requireId(await platform(signal), platformId);
  const context = { exchange, platform: ours, pageSize, platformId, telemetry: ports.telemetry };
  return {
    ...createReader(context),
    platform,
    write: async (write, id, signal, mayGo) => {
      const { capabilities } = await ours(signal);
      const { marks, conditionalWrites, requestIds } = capabilities;
      const features = { marks, conditionalWrites, ...(requestIds ? { requestId: id } : {}) };
      return send(context, { write, features, ...(mayGo ? { mayGo } : {}) }, signal);
    },
  };
}

async function readPlatform(exchange: Exchange, signal: AbortSignal): Promise<PlatformInfo> {
  const { body, time } = await exchange('getPlatform', {}, signal);
  if (!responses.getPlatform(body)) throw unreadable('getPlatform');
  const { platformId: id, emulator = false, capabilities, caller } = body;
  return { id, emulator, capabilities, caller, time };
}

function requireId(info: PlatformInfo, expected: string): PlatformInfo {
  if (info.id === expected) return info;
  throw new ReconcileError(
    'PlatformMismatch',
    `the connection expects platform ${expected}, and ${info.id} answers`,
    { nextStep: 'see endpoint and platformId of the connection; nothing was read or written' },
  );
}

interface Sent {
  readonly write: PlatformWrite;
  readonly features: Features;
  readonly mayGo?: () => Promise<void>;
}

/** Sends once. An answer about another record than the one written settles nothing. */
async function send(
  { exchange, platformId }: DriverContext,
  { write, features, mayGo }: Sent,
  signal: AbortSignal,
): Promise<Written> {
  const { operation, key } = write;
  switch (operation) {
    case 'createRelease': {
      const { body } = await exchange(operation, createBody(write, features), signal, mayGo);
      if (!responses.createRelease(body) || !isOf(key, body.release)) throw unreadable(operation);
      return { kind: 'release', release: observedRelease(platformId, body.release) };
    }
    case 'patchReleaseConfig': {
      const sent = patchReleaseBody(write, features);
      const { body } = await exchange(operation, sent, signal, mayGo);
      if (!responses.patchReleaseConfig(body) || !isOf(key, body.release))
        throw unreadable(operation);
      return { kind: 'release', release: observedRelease(platformId, body.release) };
    }
    case 'patchGlobalConfig': {
      const sent = patchGlobalBody(write, features);
      const { body } = await exchange(operation, sent, signal, mayGo);
      if (!responses.patchGlobalConfig(body) || !isProgram(key, body.miniProgram))
        throw unreadable(operation);
      return { kind: 'global', global: observedGlobal(body.miniProgram) };
    }
  }
}

function isProgram(key: ProgramKey, wire: WireMiniProgram): boolean {
  return wire.workspace === key.workspace && wire.miniProgram === key.miniProgram;
}

function unreadable(operation: Operation): ReconcileError {
  return failureError(operation, malformed('its body', kindOf(operation)));
}
