import { createHash } from 'node:crypto';

import { ReconcileError } from '../core/words/errors.ts';
import { isoTime } from '../core/words/time.ts';
import type { ClusterEvent, ClusterWriter } from '../ports/cluster.ts';
import type { Clock } from '../ports/index.ts';
import type { Api } from './api.ts';
import { failureOf } from './failure.ts';
import { createRemembered } from './remembered.ts';
import { collectionPath, events, resources } from './resources.ts';

export interface EventSettings {
  /** Of this process: at most 128 characters. */
  readonly instance: string;
}

const controller = 'fairlead.dev/controller';
/** The same about the same object is told once in this time. */
const repeatMs = 3_600_000;
/** Of one object: so many at once, then one in each interval. */
const burst = 10;
const refillMs = 60_000;
/** Objects and events that are remembered; the oldest is forgotten first. */
const remembered = 10_000;
/** The API server keeps no longer one. */
const longestNote = 1024;
/** Where events of objects without a namespace live. */
const clusterNamespace = 'default';
const timeoutMs = 10_000;

interface Bucket {
  readonly left: number;
  readonly since: number;
}

/**
 * Tells events as `events.k8s.io/v1`; needs the verb `create` only. What was told within the hour, and what an object says
 * faster than one a minute, is left out.
 */
export function createEventWriter(
  { api, clock }: { readonly api: Api; readonly clock: Clock },
  { instance }: EventSettings,
): ClusterWriter['event'] {
  const toldAt = createRemembered<number>(remembered);
  const buckets = createRemembered<Bucket>(remembered);

  function isRepeated(event: ClusterEvent): boolean {
    const id = idOf(event);
    const before = toldAt.get(id);
    if (before !== undefined && clock.mono() - before < repeatMs) return true;
    toldAt.set(id, clock.mono());
    return false;
  }

  function mayTell({ about }: ClusterEvent): boolean {
    const now = clock.mono();
    const bucket = buckets.get(about.uid) ?? { left: burst, since: now };
    const refilled = Math.floor((now - bucket.since) / refillMs);
    const left = Math.min(burst, bucket.left + refilled);
    const since = refilled > 0 ? bucket.since + refilled * refillMs : bucket.since;
    buckets.set(about.uid, { left: Math.max(0, left - 1), since });
    return left > 0;
  }

  let count = 0;

  return async (event, signal) => {
    if (isRepeated(event) || !mayTell(event)) return undefined;
    count += 1;
    const namespace = event.about.namespace ?? clusterNamespace;
    const now = clock.wall();
    const name = `${event.about.name.slice(0, 200)}.${digest(`${instance} ${now} ${count}`)}`;
    try {
      const answer = await api.send(
        {
          method: 'POST',
          path: collectionPath(events, namespace),
          body: JSON.stringify(body(event, { name, namespace, instance, at: isoTime(now) })),
          timeoutMs,
          maxBytes: 1024 * 1024,
        },
        signal,
      );
      if (answer.status < 400) return undefined;
      return failureOf(answer, { verb: 'create', resource: events, namespace });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ReconcileError)) throw error;
      // Best effort: what is the case stands in the status.
      return error;
    }
  };
}

interface Telling {
  readonly name: string;
  readonly namespace: string;
  readonly instance: string;
  readonly at: string;
}

function body(event: ClusterEvent, { name, namespace, instance, at }: Telling): object {
  const { kind, ...about } = event.about;
  return {
    apiVersion: events.apiVersion,
    kind: 'Event',
    metadata: { name, namespace },
    // Microseconds are asked for, and milliseconds are known.
    eventTime: at.replace('Z', '000Z'),
    reportingController: controller,
    reportingInstance: instance.slice(0, 128),
    action: 'Reconcile',
    type: event.type,
    reason: event.reason,
    note: clip(event.message),
    regarding: { apiVersion: resources[kind].apiVersion, kind, ...about },
  };
}

/** Bytes are counted by the API server, characters cut by us: never through the middle of one. */
function clip(message: string): string {
  if (Buffer.byteLength(message) <= longestNote) return message;
  let clipped = '';
  for (const character of message) {
    if (Buffer.byteLength(clipped) + Buffer.byteLength(character) > longestNote - 3) break;
    clipped += character;
  }
  return `${clipped}…`;
}

function idOf({ about, type, reason, message }: ClusterEvent): string {
  return digest(JSON.stringify([about.uid, type, reason, message]));
}

function digest(value: string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 16);
}
