import { digestOf } from '../words/digests.ts';
import { listOf, type FieldPath } from '../words/fields.ts';
import { entryKey } from './mark.ts';

/** Digests of public values, each computed once: the releases of a program repeat each other. */
export interface DigestMemo {
  readonly text: (text: string) => string;
  /** Of the list as a set. */
  readonly list: (items: readonly string[]) => string;
  readonly entryKey: (path: FieldPath) => string;
}

export function createDigestMemo(): DigestMemo {
  const texts = new Map<string, string>();
  const lists = new WeakMap<readonly string[], string>();
  const sets = new Map<string, string>();
  const keys = new Map<FieldPath, string>();

  function digestOfSet(items: readonly string[]): string {
    const sorted = isCanonical(items) ? items : listOf(items).items;
    return remembered(sets, JSON.stringify(sorted), () => digestOf(sorted));
  }

  return {
    text: (text) => remembered(texts, text, () => digestOf(text)),
    list: (items) => remembered(lists, items, () => digestOfSet(items)),
    entryKey: (path) => remembered(keys, path, () => entryKey(path)),
  };
}

function isCanonical(items: readonly string[]): boolean {
  return items.every((item, i) => i === 0 || (items[i - 1] ?? '') < item);
}

interface Memory<K> {
  get(key: K): string | undefined;
  set(key: K, value: string): unknown;
}

/** What is remembered for a key, made when it is first asked for. */
export function remembered<K>(memory: Memory<K>, key: K, make: () => string): string {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make();
  memory.set(key, made);
  return made;
}
