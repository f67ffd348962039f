import { parseMoment } from '../core/resolve/moment.ts';
import { approveAnnotation, reconcileAnnotation } from '../core/status/annotations.ts';
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
  /** Somebody deletes it, and others' finalizers keep it a while. */
  readonly isLeaving: boolean;
  /** Characters of a spec that was too long to be kept. */
  readonly specTooLong: number | undefined;
  /** JSON of `Parts`. */
  readonly parts: string;
}

interface Parts {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: unknown;
  readonly status: unknown;
}

/** What is kept of an object beside what everything has: of a namespace its labels, of ours the rest. */
export type Wanted = 'declaration' | 'labels';

/** Whoever asks for other than whole objects asks for labels. */
export function wantedBy({ accept }: { readonly accept?: string }): Wanted {
  return accept === undefined ? 'declaration' : 'labels';
}

/** What somebody deletes declares nothing any more; a namespace has its labels until its last object is gone. */
export function isGone({ isLeaving }: Kept, wanted: Wanted): boolean {
  return isLeaving && wanted === 'declaration';
}

/**
 * As JSON; twice what a file may be, so whatever stands in a file can stand as an object. Etcd takes much more, and some
 * hundred objects of one tenant would fill our memory.
 */
const longestSpec = 512 * 1024;
/** Nobody here reads any other: `kubectl apply` leaves a copy of the whole object in one of them. */
const readAnnotations = [approveAnnotation, reconcileAnnotation];
/** More than all the words that are heeded in one. */
const longestAnnotation = 4_096;

/** @returns undefined for what has no name or version: no API server sends it */
export function keep(raw: unknown, wanted: Wanted = 'declaration'): Kept | undefined {
  const metadata = field(raw, 'metadata');
  const name = text(field(metadata, 'name'));
  const resourceVersion = text(field(metadata, 'resourceVersion'));
  if (name === undefined || resourceVersion === undefined) return undefined;
  const generation = field(metadata, 'generation');
  return {
    namespace: text(field(metadata, 'namespace')),
    name,
    uid: text(field(metadata, 'uid')) ?? '',
    generation: typeof generation === 'number' ? generation : 0,
    resourceVersion,
    createdAt: parseMoment(text(field(metadata, 'creationTimestamp')) ?? '') ?? epochMs(0),
    declaredAt: declaredAt(metadata),
    approvedAt: approvedAt(metadata),
    isLeaving: text(field(metadata, 'deletionTimestamp')) !== undefined,
    ...(wanted === 'labels' ? labelParts(metadata) : declarationParts(raw, metadata)),
  };
}

function labelParts(metadata: unknown): Pick<Kept, 'parts' | 'specTooLong'> {
  const labels = texts(field(metadata, 'labels'));
  return { parts: partsOf({ ...noParts, labels }), specTooLong: undefined };
}

function declarationParts(raw: unknown, metadata: unknown): Pick<Kept, 'parts' | 'specTooLong'> {
  const annotations = annotationsOf(metadata);
  const [spec, status] = [field(raw, 'spec'), field(raw, 'status')];
  const length = JSON.stringify(spec ?? null).length;
  if (length <= longestSpec)
    return { parts: partsOf({ ...noParts, annotations, spec, status }), specTooLong: undefined };
  return { parts: partsOf({ ...noParts, annotations, status }), specTooLong: length };
}

const noParts: Parts = { labels: {}, annotations: {}, spec: undefined, status: undefined };

function partsOf(parts: Parts): string {
  return JSON.stringify(parts);
}

function annotationsOf(metadata: unknown): Parts['annotations'] {
  const all = field(metadata, 'annotations');
  const read = readAnnotations.flatMap((name) => {
    const value = text(field(all, name));
    return value === undefined ? [] : [[name, value.slice(0, longestAnnotation)] as const];
  });
  return Object.fromEntries(read);
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
    specTooLong: kept.specTooLong,
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
