import { ReconcileError } from '../../core/words/errors.ts';
import type { Transport, WireRequest, WireResponse } from '../../ports/index.ts';
import { defaultRoutes, operations, writeOperations } from '../../protocol/operations.ts';

import type { Reach } from './platform.ts';

/** A platform whose process may change while somebody uses it. */
interface Followed {
  /** Sends to wherever the platform is now. Requests are addressed as the first reach says. */
  readonly over: (transport: Transport) => Transport;
  /** Stops what this process started. */
  readonly close: () => Promise<void>;
}

/** Every repeat means that one more process has come and gone. */
const maxMoves = 20;

const readRoutes = operations
  .filter((operation) => !(writeOperations as readonly string[]).includes(operation))
  .map((operation) => `/${defaultRoutes[operation]}`);

/**
 * Follows the platform of a data directory when the process that had it ends: the directory is opened anew, which finds
 * the next process or starts the platform in this one, and what has certainly not arrived is sent again. A write that
 * may have arrived is not.
 *
 * @param reopen  as `connectOrStart`
 */
export function followPlatform(first: Reach, reopen: () => Promise<Reach>): Followed {
  const opened = [first];
  let current = Promise.resolve(first);
  /** Calls that fail at the same place at once move together. */
  const moveFrom = (gone: Reach, seen: Promise<Reach>): void => {
    if (current !== seen) return;
    current = reopen().then((next) => {
      opened.push(next);
      return next;
    });
    // A failed move fails the call that asked for it; the next call tries again from where it was.
    const moved = current;
    moved.catch(() => {
      if (current === moved) current = Promise.resolve(gone);
    });
  };
  const send = async (
    transport: Transport,
    request: WireRequest,
    signal: AbortSignal,
  ): Promise<WireResponse> => {
    for (let moves = 0; ; moves += 1) {
      const seen = current;
      const reach = await seen;
      try {
        return await transport.send(addressed(request, first, reach), signal);
      } catch (error) {
        if (moves === maxMoves || signal.aborted || !mayRepeat(error, request)) throw error;
        moveFrom(reach, seen);
      }
    }
  };
  return {
    over: (transport) => ({ send: (request, signal) => send(transport, request, signal) }),
    close: async () => {
      await current.catch(() => undefined);
      await Promise.all(opened.map((reach) => reach.close()));
    },
  };
}

/** The same path and query, which the signature stands for, at another address. */
function addressed(request: WireRequest, { endpoint: from }: Reach, { endpoint: to }: Reach) {
  return { ...request, url: `${to}${request.url.slice(from.length)}` };
}

function mayRepeat(error: unknown, { url }: WireRequest): boolean {
  if (!(error instanceof ReconcileError)) return false;
  if (error.code === 'PlatformUnavailable') return true;
  return error.code === 'OutcomeUnknown' && readRoutes.some((route) => url.endsWith(route));
}
