import type { ConnectionStatus, ControllerStatus, SourceStatus } from '../core/model/controller.ts';
import { withoutCredentials } from '../core/words/credentials.ts';
import type { EpochMs } from '../core/words/time.ts';

/** One thing that must be so before the controller can be relied on. */
export interface Check {
  readonly ready: boolean;
  /** One line: what, and why it is not ready. No credential. */
  readonly text: string;
}

/** Sweeps that may be missed. */
const intervals = 3;
/** However short the interval: a platform that is away for a moment takes nobody out. */
const leastMs = 60_000;
/** Where a connection says nothing of its interval. */
const defaultIntervalMs = 300_000;

/**
 * Ready: every connection with programs was swept within three of its intervals (at least a minute), and every source was
 * read once.
 *
 * In a cluster, where declarations are objects: whether those are followed, in place of the sources. A repository there is
 * its namespace's, and must not take out the controller of all.
 *
 * Nothing else: what is held, blocked or broken in a document is somebody's work, not a reason to take the controller out.
 *
 * @param cluster  how objects are followed; absent, there is no cluster
 */
export function readiness(
  status: ControllerStatus,
  now: EpochMs,
  cluster?: readonly Check[],
): readonly Check[] {
  // At the very start nothing is known, which is no proof that all is well.
  if (!cluster && status.sources.length === 0)
    return [{ ready: false, text: 'controller: no source is followed yet' }];
  return [
    ...(cluster ?? []),
    ...status.connections.map((connection) => checkConnection(connection, now)),
    ...(cluster ? [] : status.sources.map(checkSource)),
  ].map(({ ready, text }) => ({ ready, text: oneLine(withoutCredentials(text)) }));
}

function checkConnection(connection: ConnectionStatus, now: EpochMs): Check {
  const { name, sweptAt, programs, trouble } = connection;
  // A platform of which nothing is declared is never read.
  if (programs === 0) return { ready: true, text: `connection ${name}: no programs` };
  const because = trouble ? `: ${trouble.message}` : '';
  if (sweptAt === undefined)
    return { ready: false, text: `connection ${name}: not swept yet${because}` };
  const interval = sweepInterval(connection);
  const most = Math.max(leastMs, intervals * interval);
  // Of the future: the clock was set back, and how old it is nobody knows.
  const ago =
    sweptAt - now > most
      ? `${words(sweptAt - now)} ahead of this clock`
      : `${words(now - sweptAt)} ago`;
  const text = `connection ${name}: swept ${ago}`;
  if (Math.abs(now - sweptAt) <= most) return { ready: true, text };
  return { ready: false, text: `${text}, due every ${words(interval)}${because}` };
}

/** After a failure the next sweep comes when the failure allows it, and says nothing of the interval. */
function sweepInterval(connection: ConnectionStatus): number {
  const { sweepIntervalMs, state, sweptAt, nextSweepAt } = connection;
  if (sweepIntervalMs !== undefined) return sweepIntervalMs;
  const isTold = state !== 'Failing' && sweptAt !== undefined && nextSweepAt !== undefined;
  return isTold && nextSweepAt > sweptAt ? nextSweepAt - sweptAt : defaultIntervalMs;
}

function checkSource({ name, state, commit, trouble }: SourceStatus): Check {
  if (commit !== undefined) return { ready: true, text: `source ${name}: read` };
  if (state === 'Ready') return { ready: true, text: `source ${name}: read, and nothing in it` };
  const because = trouble ? `: ${trouble.message}` : '';
  return { ready: false, text: `source ${name}: not read yet${because}` };
}

function words(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
