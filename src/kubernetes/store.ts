import { untilAborted } from './deadline.ts';
import { type Kept, keyOf } from './kept.ts';
import { compareVersions, isOlder } from './resource-version.ts';

/** A part of a kind that is listed and watched by itself: a namespace, or all of them (`''`). */
export type Scope = string;

/** What was seen of the objects of a kind. Takes in; decides what is older; asks nobody. */
export interface Store {
  get(key: string): Kept | undefined;
  values(): IterableIterator<Kept>;
  readonly size: number;
  /** A list of each scope was taken in. */
  isComplete(): boolean;
  /** Newest version seen of a scope; undefined before its first list. */
  version(scope: Scope): string | undefined;
  /** Takes in a list page by page; nothing is concluded from what is missing before its end. Whether it may be believed is
   * decided before. */
  beginList(scope: Scope): ListTaker;
  /** An event of a watch. @returns whether it told something new */
  changed(scope: Scope, kept: Kept): boolean;
  deleted(scope: Scope, kept: Kept): boolean;
  /** A bookmark: everything up to this version was seen. */
  passed(scope: Scope, version: string): void;
  /** Keys that changed since the last call, with what names them; the first list counts as a change. One caller. */
  changes(signal: AbortSignal): Promise<readonly Name[]>;
  /** Resolves when a version of an object, or something newer, was seen. */
  reached(scope: Scope, of: { readonly key: string; readonly version: string }): Reaching;
}

export interface Name {
  readonly namespace: string | undefined;
  readonly name: string;
}

export interface ListTaker {
  page(items: readonly Kept[]): void;
  /** @param version  of the list */
  end(version: string): void;
}

export interface Reaching {
  readonly done: Promise<void>;
  /** Waits no longer. */
  cancel(): void;
}

interface Waiting {
  readonly scope: Scope;
  readonly key: string;
  readonly version: string;
  /** Lists that were begun before cannot answer where versions cannot be compared. */
  readonly listsBefore: number;
  resolve(): void;
}

export function createStore(scopes: readonly Scope[]): Store {
  const objects = new Map<string, Kept>();
  const versions = new Map<Scope, string>();
  const dirty = new Map<string, Name>();
  const waiting = new Set<Waiting>();
  let lists = 0;
  let told = false;
  let wake: (() => void) | undefined;

  const isComplete = (): boolean => scopes.every((scope) => versions.has(scope));

  function mark(kept: Kept): void {
    dirty.set(keyOf(kept), { namespace: kept.namespace, name: kept.name });
    wake?.();
  }

  function put(kept: Kept): boolean {
    const key = keyOf(kept);
    const held = objects.get(key);
    if (held && isSame(held, kept)) return false;
    objects.set(key, kept);
    mark(kept);
    return true;
  }

  function remove(kept: Kept): void {
    objects.delete(keyOf(kept));
    mark(kept);
  }

  function isReached({ scope, key, version, listsBefore }: Waiting): boolean {
    const seen = [versions.get(scope), objects.get(key)?.resourceVersion];
    const verdicts = seen.map((each) =>
      each === undefined ? undefined : compareVersions(each, version),
    );
    if (verdicts.some((verdict) => verdict === 0 || verdict === 1)) return true;
    return verdicts.every((verdict) => verdict === undefined) && lists > listsBefore + 1;
  }

  function settle(): void {
    for (const each of waiting)
      if (isReached(each)) {
        waiting.delete(each);
        each.resolve();
      }
  }

  function advance(scope: Scope, version: string): void {
    const held = versions.get(scope);
    if (held === undefined || !isOlder(version, held)) versions.set(scope, version);
    settle();
  }

  /** A watch sends what is newer than where it began; everything else was seen before. */
  function isRepeated(scope: Scope, version: string): boolean {
    const seen = versions.get(scope);
    const verdict = seen === undefined ? undefined : compareVersions(version, seen);
    return verdict === -1 || verdict === 0;
  }

  const inScope = (scope: Scope, kept: Kept): boolean => scope === '' || kept.namespace === scope;

  return {
    get: (key) => objects.get(key),
    values: () => objects.values(),
    get size() {
      return objects.size;
    },
    isComplete,
    version: (scope) => versions.get(scope),
    beginList(scope) {
      const present = new Set<string>();
      return {
        page(items) {
          for (const kept of items) {
            present.add(keyOf(kept));
            // Also where it is older than what is held: the storage was put back, and this is all that is left of it.
            put(kept);
          }
        },
        end(version) {
          for (const [key, kept] of objects)
            if (inScope(scope, kept) && !present.has(key)) remove(kept);
          lists += 1;
          versions.set(scope, version);
          settle();
          wake?.();
        },
      };
    },
    changed(scope, kept) {
      if (isRepeated(scope, kept.resourceVersion)) return false;
      const isNews = put(kept);
      advance(scope, kept.resourceVersion);
      return isNews;
    },
    deleted(scope, kept) {
      if (isRepeated(scope, kept.resourceVersion)) return false;
      const isNews = objects.has(keyOf(kept));
      if (isNews) remove(kept);
      advance(scope, kept.resourceVersion);
      return isNews;
    },
    passed: advance,
    async changes(signal) {
      while (dirty.size === 0 && (told || !isComplete())) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await untilAborted(woken, signal);
        wake = undefined;
      }
      signal.throwIfAborted();
      if (isComplete()) told = true;
      const names = [...dirty.values()];
      dirty.clear();
      return names;
    },
    reached(scope, { key, version }) {
      let resolve: () => void = () => undefined;
      const done = new Promise<void>((settled) => {
        resolve = settled;
      });
      const each: Waiting = { scope, key, version, listsBefore: lists, resolve };
      waiting.add(each);
      settle();
      return { done, cancel: () => waiting.delete(each) };
    },
  };
}

/** A storage that was put back gives versions a second time, to another content. */
function isSame(a: Kept, b: Kept): boolean {
  return a.resourceVersion === b.resourceVersion && a.uid === b.uid && a.parts === b.parts;
}
