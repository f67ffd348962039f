import { isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import { stepsOf } from '../words/places.ts';

/** Where the value at a pointer stands, or its nearest existing parent. */
export interface Found {
  readonly node: ParsedNode | null;
  /** The key in front of the value; none in lists and at the root. */
  readonly key: ParsedNode | undefined;
  /** False when only a parent was found. */
  readonly exact: boolean;
}

/** Follows a JSON Pointer (RFC 6901) through composed YAML. */
export function findNode(root: ParsedNode | null, pointer: string): Found {
  let found: Found = { node: root, key: undefined, exact: true };
  for (const step of stepsOf(pointer)) {
    const next = child(found.node, step);
    if (next === undefined) return { ...found, exact: false };
    found = next;
  }
  return found;
}

function child(node: ParsedNode | null, step: string): Found | undefined {
  if (isMap<ParsedNode, ParsedNode | null>(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && key.source === step);
    return pair && { node: pair.value, key: pair.key, exact: true };
  }
  if (isSeq<ParsedNode>(node)) {
    const item = /^\d+$/.test(step) ? node.items[Number(step)] : undefined;
    return item && { node: item, key: undefined, exact: true };
  }
  return undefined;
}

/** Offset of the value; of its key where there is no value at all. */
export function valueOffset({ node, key }: Found): number {
  return node?.range[0] ?? key?.range[0] ?? 0;
}

/** Offset of the key; of the value in a list. */
export function keyOffset(found: Found): number {
  return found.key?.range[0] ?? valueOffset(found);
}
