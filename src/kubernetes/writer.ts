import { ReconcileError } from '../core/words/errors.ts';
import type { ClusterWriter, ObjectRef } from '../ports/cluster.ts';
import type { Clock } from '../ports/index.ts';
import type { Api } from './api.ts';
import { createEventWriter, type EventSettings } from './events.ts';
import { failureOf, isObjectMissing } from './failure.ts';
import { field, text } from './raw.ts';
import { objectPath, resources } from './resources.ts';

/** Who owns what is in a status. */
export const fieldManager = 'fairlead';

const timeoutMs = 15_000;
/** The answer is the whole object. */
const maxBytes = 16 * 1024 * 1024;

export function createWriter(
  ports: { readonly api: Api; readonly clock: Clock },
  settings: EventSettings,
): ClusterWriter {
  return {
    applyStatus: (ref, uid, status, signal) => applyStatus(ports.api, { ref, uid, status }, signal),
    event: createEventWriter(ports, settings),
  };
}

interface StatusWrite {
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly status: object;
}

async function applyStatus(
  api: Api,
  { ref, uid, status }: StatusWrite,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { kind, namespace, name } = ref;
  const resource = resources[kind];
  const query = new URLSearchParams({ fieldManager, force: 'true' });
  const answer = await api.send(
    {
      method: 'PATCH',
      path: `${objectPath(ref)}/status?${query.toString()}`,
      contentType: 'application/apply-patch+yaml',
      body: JSON.stringify({
        apiVersion: resource.apiVersion,
        kind,
        metadata: { name, uid, ...(namespace === undefined ? {} : { namespace }) },
        status,
      }),
      timeoutMs,
      maxBytes,
    },
    signal,
  );
  if (isObjectMissing(answer) || isAnother(answer.status)) return undefined;
  if (answer.status !== 200)
    throw failureOf(answer, {
      ...({ verb: 'patch', subresource: 'status' } as const),
      ...{ resource, namespace, name },
    });
  const version = text(field(field(answer.body, 'metadata'), 'resourceVersion'));
  if (version === undefined)
    throw new ReconcileError('ClusterUnavailable', 'the API server answered no object');
  return version;
}

/** Fields are taken from whoever owns them (`force`), so the uid is all that is left to conflict. */
function isAnother(status: number): boolean {
  return status === 409;
}
