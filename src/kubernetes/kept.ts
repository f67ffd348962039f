import { parseMoment } from '../core/resolve/moment.ts';
import { epochMs, type EpochMs } from '../core/words/time.ts';
import type { ClusterKind, ClusterObject, ObjectRef } from '../ports/cluster.ts';
import { field, list, text, texts } from './raw.ts';

/**
 * An object as it is kept: what everybody asks for at hand, the rest as one text. As parsed JSON, a declaration takes six
 * times its length in memory, and most are looked at once.
 */
export interface Kept {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly resourceVersion: string;
  readonly createdAt: EpochMs;
  readonly declaredAt: EpochMs | undefined;
  readonly approvedAt: EpochMs | undefined;
  /** JSON of `Parts`. */
  readonly parts: string;
}

interface Parts {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: unknown;
  readonly status: unknown;
}

/** A copy of the whole object that `kubectl apply` leaves on it: nobody here reads it, and it doubles what is kept. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** @returns undefined for what has no name or version: no API server sends it */
export function keep(raw: unknown): Kept | undefined {
  const metadata = field(raw, 'metadata');
  const name = text(field(metadata, 'name'));
  const resourceVersion = text(field(metadata, 'resourceVersion'));
  if (name === undefined || resourceVersion === undefined) return undefined;
  const generation = field(metadata, 'generation');
  const { [lastApplied]: _dropped, ...annotations } = texts(field(metadata, 'annotations'));
  const parts: Parts = {
    labels: texts(field(metadata, 'labels')),
    annotations,
    spec: field(raw, 'spec'),
    status: field(raw, 'status'),
  };
  return {
    namespace: text(field(metadata, 'namespace')),
    name,
    uid: text(field(metadata, 'uid')) ?? '',
    generation: typeof generation === 'number' ? generation : 0,
    resourceVersion,
    createdAt: parseMoment(text(field(metadata, 'creationTimestamp')) ?? '') ?? epochMs(0),
    declaredAt: declaredAt(metadata),
    approvedAt: approvedAt(metadata),
    parts: JSON.stringify(parts),
  };
}

/** When a part of the spec was last written; of what else is on an object nothing counts as its declaration. */
function declaredAt(metadata: unknown): EpochMs | undefined {
  const times = timesOf(metadata, (fields) => field(fields, 'f:spec') !== undefined);
  return times.length === 0 ? undefined : epochMs(Math.max(...times));
}

const approveField = 'f:fairlead.dev/approve';

/**
 * The oldest of those who own the annotation that approves: whoever says the same again, as anybody may who writes the
 * object, is one more owner of it.
 */
function approvedAt(metadata: unknown): EpochMs | undefined {
  const times = timesOf(metadata, (fields) => {
    const annotations = field(field(fields, 'f:metadata'), 'f:annotations');
    return field(annotations, approveField) !== undefined;
  });
  return times.length === 0 ? undefined : epochMs(Math.min(...times));
}

/** When those last wrote who own certain fields of an object. */
function timesOf(metadata: unknown, owns: (fields: unknown) => boolean): readonly EpochMs[] {
  return list(field(metadata, 'managedFields')).flatMap((entry) => {
    const isWhole = field(entry, 'subresource') === undefined;
    if (!isWhole || !owns(field(entry, 'fieldsV1'))) return [];
    return parseMoment(text(field(entry, 'time')) ?? '') ?? [];
  });
}

/** A line that stands for an object within its kind. */
export function keyOf({
  namespace,
  name,
}: {
  namespace?: string | undefined;
  name: string;
}): string {
  return `${namespace ?? ''}/${name}`;
}

function refOf(kind: ClusterKind, { namespace, name }: Kept): ObjectRef {
  return namespace === undefined ? { kind, name } : { kind, namespace, name };
}

/** The object; its parts are parsed when one of them is first asked for. */
export function shown(kind: ClusterKind, kept: Kept): ClusterObject {
  let known: Parts | undefined;
  const parts = (): Parts => (known ??= JSON.parse(kept.parts) as Parts);
  return {
    ...refOf(kind, kept),
    uid: kept.uid,
    generation: kept.generation,
    resourceVersion: kept.resourceVersion,
    createdAt: kept.createdAt,
    declaredAt: kept.declaredAt,
    approvedAt: kept.approvedAt,
    get labels() {
      return parts().labels;
    },
    get annotations() {
      return parts().annotations;
    },
    get spec() {
      return parts().spec;
    },
    get status() {
      return parts().status;
    },
  };
}

export function labelsOf(kept: Kept): Readonly<Record<string, string>> {
  return (JSON.parse(kept.parts) as Parts).labels;
}
