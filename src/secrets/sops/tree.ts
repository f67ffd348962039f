/*
 * What an encrypted document holds, as sops walks it: a list of its values in the order of the text. Names of lists'
 * items are no part of a value's path there, so an entry has two.
 */

/** A value as it is written, before anything is decrypted. `number` and `text` keep their spelling. */
export type Scalar =
  | { readonly kind: 'text' | 'number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' };

/** A mapping keeps the order of the text, which an object does not for names like `1`. */
export type Tree =
  | Scalar
  | { readonly kind: 'mapping'; readonly items: readonly (readonly [name: string, value: Tree])[] }
  | { readonly kind: 'list'; readonly items: readonly Tree[] };

export interface Entry {
  /** Names and, within lists, numbers from 0: what people call the value. */
  readonly place: readonly string[];
  /** Names alone: what sops binds an encrypted value to. */
  readonly names: readonly string[];
  readonly scalar: Scalar;
}

/** What no document that sops wrote for people comes near. */
export const limits = {
  bytes: 1024 * 1024,
  depth: 32,
  /** Some six for each value. */
  tokens: 100_000,
} as const;

/** Why a text is no document that can be read, in words that hold nothing of it. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** Every scalar in the order of the text. */
export function entriesOf(tree: Tree): readonly Entry[] {
  const entries: Entry[] = [];
  collect(tree, { place: [], names: [] }, entries);
  return entries;
}

function collect(tree: Tree, at: Omit<Entry, 'scalar'>, into: Entry[]): void {
  if (tree.kind === 'mapping') {
    for (const [name, value] of tree.items)
      collect(value, { place: [...at.place, name], names: [...at.names, name] }, into);
    return;
  }
  if (tree.kind !== 'list') {
    into.push({ ...at, scalar: tree });
    return;
  }
  let index = 0;
  for (const item of tree.items) {
    collect(item, { place: [...at.place, String(index)], names: at.names }, into);
    if (!isComment(item)) index += 1;
  }
}

/** sops writes a comment that it encrypted within a list as an item of it. */
export function isComment(tree: Tree): boolean {
  return (
    tree.kind === 'text' &&
    tree.text.startsWith('ENC[AES256_GCM,') &&
    tree.text.endsWith(',type:comment]')
  );
}

/** The value under a name, if the tree is a mapping that has it. */
export function member(tree: Tree | undefined, name: string): Tree | undefined {
  if (tree?.kind !== 'mapping') return undefined;
  return tree.items.find(([own]) => own === name)?.[1];
}

/** The same mapping without one name. */
export function without(tree: Tree, name: string): Tree {
  if (tree.kind !== 'mapping') return tree;
  return { kind: 'mapping', items: tree.items.filter(([own]) => own !== name) };
}

/** @throws Unreadable for a name that stands twice in one mapping: readers would differ in which one counts */
export function mapping(items: readonly (readonly [string, Tree])[]): Tree {
  if (new Set(items.map(([name]) => name)).size !== items.length)
    throw new Unreadable('a name stands twice in one mapping');
  return { kind: 'mapping', items };
}
