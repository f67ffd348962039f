import { ReconcileError } from '../core/words/errors.ts';
import type { Clock } from '../ports/index.ts';
import { type Api, isStream } from './api.ts';
import { linked } from './deadline.ts';
import { failureOf } from './failure.ts';
import { isGone, type Kept, keep, type Wanted, wantedBy } from './kept.ts';
import { field, text } from './raw.ts';
import { collectionPath, type Resource } from './resources.ts';

export interface Watching {
  readonly api: Api;
  readonly clock: Clock;
  readonly resource: Resource;
  /** Absent: all of the cluster. */
  readonly namespace: string | undefined;
  /** Everything newer than this is told. */
  readonly version: string;
  /** The server ends it after this time. */
  readonly lifeMs: number;
  /** Without an event or a bookmark for so long, it is dead. */
  readonly silenceMs: number;
  readonly accept?: string;
}

export interface WatchTaker {
  /** The server has begun to answer. */
  opened(): void;
  /** Something came, whatever it says. */
  heard(): void;
  changed(kept: Kept): void;
  deleted(kept: Kept): void;
  passed(version: string): void;
}

const openMs = 30_000;
/** What storage takes at most is 1.5 MB, and JSON on the wire is hardly longer. */
const lineBytes = 16 * 1024 * 1024;
/** A server that forgets to end a watch is reminded. */
const graceMs = 30_000;

/**
 * One watch, from its beginning to its end.
 *
 * @returns `Ended`: it may go on where it stopped. `Expired`: the version is no longer known, so list again
 * @throws  ReconcileError `ClusterUnavailable`, `ClusterRefused`; the signal's reason
 */
export async function watchOnce(
  watching: Watching,
  taker: WatchTaker,
  signal: AbortSignal,
): Promise<'Ended' | 'Expired'> {
  const { clock, lifeMs, silenceMs } = watching;
  const over = linked(signal);
  const done = new AbortController();
  const beganAt = clock.mono();
  let heardAt = beganAt;
  const watchdog = async (): Promise<void> => {
    for (;;) {
      const now = clock.mono();
      const left = Math.min(heardAt + silenceMs, beganAt + lifeMs + graceMs) - now;
      if (left <= 0) break;
      await clock.sleep(left, done.signal);
    }
    over.abort(new ReconcileError('ClusterUnavailable', `a watch was silent for ${silenceMs} ms`));
  };
  watchdog().catch(() => undefined);
  const heard: WatchTaker['heard'] = () => {
    heardAt = clock.mono();
    taker.heard();
  };
  try {
    return await take(watching, { ...taker, heard }, over.signal);
  } finally {
    done.abort();
    over.release();
  }
}

async function take(
  watching: Watching,
  taker: WatchTaker,
  signal: AbortSignal,
): Promise<'Ended' | 'Expired'> {
  const { api } = watching;
  const accept = acceptOf(watching);
  const request = {
    ...({ method: 'GET', timeoutMs: openMs, maxBytes: lineBytes } as const),
    path: pathOf(watching),
  };
  const answer = await api.stream(accept === undefined ? request : { ...request, accept }, signal);
  if (!isStream(answer)) {
    if (answer.status === 410) return 'Expired';
    throw failureOf(answer, {
      verb: 'watch',
      resource: watching.resource,
      namespace: watching.namespace,
    });
  }
  taker.opened();
  for await (const line of answer.lines) {
    if (line === '') continue;
    const verdict = takeLine(line, taker, wantedBy(watching));
    if (verdict === 'Expired') return verdict;
  }
  return 'Ended';
}

/** A server that may send lists sends each event of a watch as one, too. */
function acceptOf({ accept }: Watching): string | undefined {
  return accept
    ?.split(',')
    .filter((form) => !form.includes('as=PartialObjectMetadataList'))
    .join(',');
}

function pathOf({ resource, namespace, version, lifeMs }: Watching): string {
  const query = new URLSearchParams({
    watch: '1',
    allowWatchBookmarks: 'true',
    resourceVersion: version,
    timeoutSeconds: String(Math.max(1, Math.ceil(lifeMs / 1000))),
  });
  return `${collectionPath(resource, namespace)}?${query.toString()}`;
}

function takeLine(line: string, taker: WatchTaker, wanted: Wanted): 'Taken' | 'Expired' {
  const event = parsed(line);
  const type = text(field(event, 'type'));
  const object = field(event, 'object');
  if (type === 'ERROR') {
    const code = field(object, 'code');
    if (code === 410) return 'Expired';
    throw new ReconcileError(
      'ClusterUnavailable',
      `the API server ended a watch (${String(code)})`,
    );
  }
  const kept = keepEvent(type, object, wanted);
  // Heard after it was understood: a server that talks nonsense is no living one.
  taker.heard();
  if (type === 'BOOKMARK') taker.passed(kept.resourceVersion);
  else if (type === 'DELETED' || isGone(kept, wanted)) taker.deleted(kept);
  else taker.changed(kept);
  return 'Taken';
}

const types: readonly unknown[] = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'];

function keepEvent(type: string | undefined, object: unknown, wanted: Wanted): Kept {
  const version = text(field(field(object, 'metadata'), 'resourceVersion'));
  const named = type === 'BOOKMARK' ? { metadata: { name: '', resourceVersion: version } } : object;
  const kept = types.includes(type) ? keep(named, wanted) : undefined;
  if (kept === undefined) throw garbled();
  return kept;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    throw garbled();
  }
}

function garbled(): ReconcileError {
  return new ReconcileError('ClusterUnavailable', 'a watch sent something that is no event');
}
