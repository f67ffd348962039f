import { ReconcileError } from '../core/words/errors.ts';
import type { ClusterWriter, ObjectRef } from '../ports/cluster.ts';
import type { Clock } from '../ports/index.ts';
import type { Api, ApiAnswer, ApiRequest } from './api.ts';
import { createEventWriter, type EventSettings } from './events.ts';
import { type Asked, failureOf, isObjectMissing } from './failure.ts';
import { keyOf } from './kept.ts';
import { field, text } from './raw.ts';
import { createRemembered } from './remembered.ts';
import { isOlder } from './resource-version.ts';
import { objectPath, resources } from './resources.ts';

/** Who owns what is in a status. */
const fieldManager = 'fairlead';

/** Which object has a name, and in which version. */
export interface Identity {
  readonly uid: string;
  readonly resourceVersion: string;
}

export interface WriterPorts {
  readonly api: Api;
  readonly clock: Clock;
  /** What was seen of an object last, by whoever follows its kind. */
  readonly seen: (ref: ObjectRef) => Identity | undefined;
}

const timeoutMs = 15_000;
/** Of an answer only the version is read; a server that cannot leave out the rest sends the whole object. */
const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';
const maxBytes = 16 * 1024 * 1024;
const remembered = 10_000;
/** Somebody else may be faster so often. */
const attempts = 4;

/**
 * Writes one request for a status. An apply of `status` knows no precondition for a uid (the API server puts the old one
 * back before it looks), so the version that was seen stands for it; if the object changed meanwhile, it is read once and
 * applied again, provided it is still the same one.
 */
export function createWriter(ports: WriterPorts, settings: EventSettings): ClusterWriter {
  const { api } = ports;
  /** What we wrote is often not seen yet when we write again. */
  const written = createRemembered<Identity>(remembered);
  const idOf = (ref: ObjectRef): string => `${ref.kind} ${keyOf(ref)}`;

  function known(ref: ObjectRef): Identity | undefined {
    const [seen, own] = [ports.seen(ref), written.get(idOf(ref))];
    if (seen === undefined || own === undefined) return seen ?? own;
    return isOlder(seen.resourceVersion, own.resourceVersion) ? own : seen;
  }

  async function apply(write: StatusWrite, signal: AbortSignal): Promise<string | undefined> {
    let now = known(write.ref) ?? (await read(api, write.ref, signal));
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      if (now?.uid !== write.uid) return undefined;
      const answer = await api.send(patchOf(write, now.resourceVersion), signal);
      if (isObjectMissing(answer)) return undefined;
      if (answer.status === 200) return take(write.ref, identityOf(answer));
      if (answer.status !== 409) throw failureOf(answer, askedOf(write.ref));
      now = await read(api, write.ref, signal);
    }
    // Of the one object: its owner must not make the API server look as if it were away.
    throw new ReconcileError('Contended', 'the object changes faster than its status is written');
  }

  function take(ref: ObjectRef, identity: Identity): string {
    written.set(idOf(ref), identity);
    return identity.resourceVersion;
  }

  return {
    applyStatus: (ref, uid, status, signal) => apply({ ref, uid, status }, signal),
    event: createEventWriter(ports, settings),
  };
}

interface StatusWrite {
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly status: object;
}

function patchOf({ ref, uid, status }: StatusWrite, resourceVersion: string): ApiRequest {
  const { kind, namespace, name } = ref;
  const query = new URLSearchParams({ fieldManager, force: 'true' });
  return {
    method: 'PATCH',
    path: `${objectPath(ref)}/status?${query.toString()}`,
    ...{ contentType: 'application/apply-patch+yaml', accept },
    body: JSON.stringify({
      apiVersion: resources[kind].apiVersion,
      kind,
      metadata: { name, uid, resourceVersion, ...(namespace === undefined ? {} : { namespace }) },
      status,
    }),
    timeoutMs,
    maxBytes,
  };
}

function askedOf({ kind, namespace, name }: ObjectRef): Asked {
  return {
    ...{ verb: 'patch', subresource: 'status' },
    ...{ resource: resources[kind], namespace, name },
  };
}

async function read(api: Api, ref: ObjectRef, signal: AbortSignal): Promise<Identity | undefined> {
  const path = objectPath(ref);
  const answer = await api.send({ method: 'GET', path, accept, timeoutMs, maxBytes }, signal);
  if (isObjectMissing(answer)) return undefined;
  const { kind, namespace, name } = ref;
  if (answer.status !== 200)
    throw failureOf(answer, { verb: 'get', resource: resources[kind], namespace, name });
  return identityOf(answer);
}

function identityOf({ body }: ApiAnswer): Identity {
  const metadata = field(body, 'metadata');
  const [uid, resourceVersion] = [
    text(field(metadata, 'uid')),
    text(field(metadata, 'resourceVersion')),
  ];
  if (uid === undefined || resourceVersion === undefined)
    throw new ReconcileError('ClusterUnavailable', 'the API server answered no object');
  return { uid, resourceVersion };
}
