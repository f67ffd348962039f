import type { ParsedNode } from 'yaml';
import type { AnyDocument, DocumentOrigin, InvalidDocument } from '../model/documents.ts';
import type { DocumentId, Locate, Origin } from '../words/places.ts';
import { findNode, valueOffset } from './find.ts';
import { nodesOf } from './stream.ts';
import { positionsIn, type Position } from './text.ts';

/** A file's text composed again, kept as long as the `Locate` is. */
interface Composed {
  readonly nodes: readonly (ParsedNode | null)[];
  readonly position: (offset: number) => Position;
}

/** What is told of a document; its value may go while this stays. */
type Head = Pick<AnyDocument | InvalidDocument, 'kind' | 'name' | 'namespace' | 'origin'>;

/**
 * The same over documents that somebody else keeps.
 *
 * Files that were read again stay in memory as long as what is returned: make a new one for each use of a living index.
 *
 * @param find  undefined: the document is not known
 */
export function locateBy(find: (id: DocumentId) => Head | undefined): Locate {
  const composed = new Map<string, Composed>();
  const compose = (text: string): Composed => {
    const found = composed.get(text) ?? composeAgain(text);
    composed.set(text, found);
    return found;
  };
  return ({ document: id, pointer }) => {
    const document = find(id);
    if (document === undefined) return { file: String(id), line: 1, column: 1 };
    return document.origin.kind === 'object'
      ? objectOrigin(document, document.origin.generation, pointer)
      : fileOrigin(document.origin, compose(document.origin.text), pointer);
  };
}

function headOf({ kind, name, namespace, origin }: AnyDocument | InvalidDocument): Head {
  return { kind, name, origin, ...(namespace !== undefined && { namespace }) };
}

/**
 * Yields the line and column of the value at a place; of its nearest existing parent where there is none.
 *
 * A file is read again once, when the first of its places is asked for. A place in a document that is not among
 * `documents` is said to be in a file of that name, line 1.
 */
export function createLocate(documents: Iterable<AnyDocument | InvalidDocument>): Locate {
  const known = new Map<DocumentId, Head>();
  for (const document of documents) known.set(document.id, headOf(document));
  return locateBy((id) => known.get(id));
}

function composeAgain(text: string): Composed {
  return { nodes: nodesOf(text), position: positionsIn(text) };
}

function fileOrigin(
  { file, index, commit }: Extract<DocumentOrigin, { kind: 'file' }>,
  { nodes, position }: Composed,
  pointer: string,
): Origin {
  const offset = valueOffset(findNode(nodes[index] ?? null, pointer));
  return { file, ...position(offset), ...(commit === undefined ? {} : { commit }) };
}

function objectOrigin({ kind, namespace, name }: Head, generation: number, path: string): Origin {
  return {
    object: { kind, ...(namespace === undefined ? {} : { namespace }), name, generation },
    path,
  };
}
