import { declarationKinds, type DeclarationKind } from '../../core/kinds/index.ts';
import { reconcileAnnotation, approveAnnotation, statusBefore } from '../../core/status/index.ts';
import type { Trust } from '../../core/resolve/trust.ts';
import type { DocumentId } from '../../core/words/places.ts';
import type { Problem } from '../../core/words/problems.ts';
import type { ClusterObject, ObjectRef } from '../../ports/cluster.ts';
import type { Clock } from '../../ports/index.ts';
import type { FollowedNow, ObjectFeed, ObjectNews } from '../../reconcile/loop.ts';
import type { ApprovalGuard } from './approval-guard.ts';
import { refText, type ClusterNews, type Hub } from './hub.ts';
import { documentId, readObject } from './objects.ts';

export interface FeedOptions {
  readonly hub: Hub;
  readonly clock: Clock;
  /** As the loop was started with; its namespaces are replaced. */
  readonly trust: Trust;
  readonly follow: (source: ClusterObject) => FollowedNow;
  /** What it thinks of an approval is news like the approval itself. */
  readonly guard: Pick<ApprovalGuard, 'heeded' | 'ignored' | 'forget'>;
  /** Connections changed. */
  readonly onConnections: () => void;
  /** Of an object that was passed on already something else changed. */
  readonly onStatus: (ref: ObjectRef) => void;
  /** Somebody asks something of a repository that is followed already. */
  readonly onAsked: (source: ObjectRef) => void;
}

export interface Feed extends ObjectFeed {
  /** What is wrong with an object by itself. */
  problemsOf(document: DocumentId): readonly Problem[];
}

/** What was passed on of an object. */
interface Passed {
  readonly uid: string;
  readonly generation: number;
  readonly asked: string;
}

/**
 * Objects as declarations, one by one as they change. An object whose status alone changed is no news: most events are
 * our own writes.
 */
export function createFeed(options: FeedOptions): Feed {
  const { hub, clock, guard } = options;
  const passed = new Map<string, Passed>();
  const problems = new Map<DocumentId, readonly Problem[]>();
  let trust = options.trust;
  let isFirst = true;

  function read(news: ClusterNews): ObjectNews {
    const parts = news.objects.map((ref) => readOne(ref));
    const sources = retrustedSources(news.namespaces);
    if (sources.length > 0) trust = { ...trust, namespaces: hub.labels() };
    return {
      documents: parts.flatMap(({ documents = [] }) => documents),
      followed: parts.flatMap(({ followed = [] }) => followed),
      unfollowed: parts.flatMap(({ unfollowed = [] }) => unfollowed),
      wake: parts.flatMap(({ wake = [] }) => wake),
      ...(sources.length > 0 ? { retrusted: { trust, sources } } : {}),
    };
  }

  function readOne(ref: ObjectRef): Partial<ObjectNews> {
    const object = hub.get(ref);
    const key = refText(ref);
    const before = passed.get(key);
    if (!object) {
      passed.delete(key);
      guard.forget(ref);
      return before ? gone(ref) : {};
    }
    const now = passedOf(object, guard);
    passed.set(key, now);
    const isSame = before?.uid === now.uid && before.generation === now.generation;
    if (!isSame || before.asked !== now.asked) return readNew(object, { isSame, before, now });
    options.onStatus(ref);
    return {};
  }

  function readNew(
    object: ClusterObject,
    {
      isSame,
      before,
      now,
    }: { readonly isSame: boolean; readonly before: Passed | undefined; readonly now: Passed },
  ): Partial<ObjectNews> {
    if (object.kind === 'PlatformConnection') options.onConnections();
    if (object.kind === 'GitSource') {
      if (!isSame) return { followed: [options.follow(object)] };
      options.onAsked(object);
      return {};
    }
    if (!isDeclaration(object)) return {};
    const wake = isAsked(object, before, now) ? [documentId(object)] : [];
    return isSame ? { wake } : { documents: [declaration(object)], wake };
  }

  function declaration(object: ClusterObject & { readonly kind: DeclarationKind }) {
    const { change, problems: own } = readObject(object, hub.since(object, clock.wall()));
    const id = documentId(object);
    if (own.length > 0) problems.set(id, own);
    else problems.delete(id);
    return change;
  }

  function gone(ref: ObjectRef): Partial<ObjectNews> {
    if (ref.kind === 'PlatformConnection') options.onConnections();
    if (ref.kind === 'GitSource') return { unfollowed: [sourceName(ref)] };
    const id = documentId(ref);
    problems.delete(id);
    return { documents: [{ kind: 'gone', source: ref.namespace ?? '', id }] };
  }

  /** A namespace, and the repositories that have its rights. */
  function retrustedSources(changed: readonly string[]): readonly string[] {
    if (changed.length === 0) return [];
    const names = new Set(changed);
    const repositories = hub
      .objects()
      .filter(({ kind, namespace = '' }) => kind === 'GitSource' && names.has(namespace));
    return [...changed, ...repositories.map(sourceName)];
  }

  return {
    problemsOf: (document) => problems.get(document) ?? [],
    async news(signal) {
      if (!isFirst) return read(await hub.news(signal));
      isFirst = false;
      return read({ objects: hub.objects(), namespaces: Object.keys(hub.labels()) });
    },
  };
}

/** The name of a repository's source: its namespace's rights, an identity of its own. */
export function sourceName({ namespace = '', name }: ObjectRef): string {
  return `${namespace}/${name}`;
}

function passedOf(object: ClusterObject, guard: FeedOptions['guard']): Passed {
  const { uid, generation } = object;
  return { uid, generation, asked: askedOf(object, guard) };
}

/** What people ask for beside the declaration. */
function askedOf(object: ClusterObject, guard: FeedOptions['guard']): string {
  const { annotations } = object;
  const approved = annotations[approveAnnotation] ?? '';
  const heeded = guard.heeded(object).join(' ');
  const ignored = approved === '' ? '' : (guard.ignored(object) ?? '');
  return [annotations[reconcileAnnotation] ?? '', approved, heeded, ignored].join('\n');
}

/** Something is asked that was not asked, or not answered, before. */
function isAsked(object: ClusterObject, before: Passed | undefined, now: Passed): boolean {
  if (before) return before.asked !== now.asked;
  const requested = object.annotations[reconcileAnnotation];
  return (
    requested !== undefined && requested !== statusBefore(object.status).lastHandledReconcileAt
  );
}

function isDeclaration(
  object: ClusterObject,
): object is ClusterObject & { readonly kind: DeclarationKind } {
  return (declarationKinds as readonly string[]).includes(object.kind);
}
