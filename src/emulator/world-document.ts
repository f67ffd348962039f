import { Ajv } from 'ajv';
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';

import { schemaMistakes, type Mistake } from './schema-words.ts';
import { WorldFile } from './world/world-schema.ts';

/** A world file that has the right form, and the means to say where something stands. */
export interface WorldDocument {
  readonly file: WorldFile;
  /** Mistakes as `FILE:LINE:COLUMN what is wrong`, in the order of the file. */
  readonly told: (mistakes: readonly Mistake[]) => readonly string[];
}

/** The text, or what is wrong with its form. */
export function readWorldDocument(
  text: string,
  name: string,
): WorldDocument | { readonly problems: readonly string[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, maxAliasCount: 0 } as object);
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map(({ code, message, pos: [offset] }) =>
        located(name, lines, offset, code === 'MULTIPLE_DOCS' ? oneDocument : plain(message)),
      ),
    };
  }
  const value: unknown = document.toJS() ?? {};
  const told = (mistakes: readonly Mistake[]) =>
    mistakes
      .map(({ path, message }) => ({ offset: offsetOf(document, path), message }))
      .toSorted((a, b) => a.offset - b.offset)
      .map(({ offset, message }) => located(name, lines, offset, message));
  const isWorldFile = new Ajv({ allErrors: true, verbose: true }).compile<WorldFile>(WorldFile);
  if (isWorldFile(value)) return { file: value, told };
  if (isDeclaration(value))
    return {
      problems: told([
        { path: [], message: 'this is a Fairlead document; a world file has apps and workspaces' },
      ]),
    };
  return { problems: told(schemaMistakes(isWorldFile.errors ?? [], 'a world')) };
}

const oneDocument = 'a second document starts here; a world is one document: remove the ---';

function isDeclaration(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'apiVersion' in value && 'kind' in value;
}

/** The library adds the place and a picture of it. */
function plain(message: string): string {
  return (message.split('\n', 1)[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}

function located(name: string, lines: LineCounter, offset: number, message: string): string {
  const { line, col } = lines.linePos(offset);
  return `${name}:${Math.max(1, line)}:${Math.max(1, col)} ${message}`;
}

/** Where a member's name stands, else an entry's value, else the nearest parent. */
function offsetOf(document: Document, path: Mistake['path']): number {
  const last = path.at(-1);
  if (last === undefined) return startOf(document.contents) ?? 0;
  const parentPath = path.slice(0, -1);
  const parent = parentPath.length === 0 ? document.contents : document.getIn(parentPath, true);
  return (
    keyOf(parent, last) ?? startOf(document.getIn(path, true)) ?? offsetOf(document, parentPath)
  );
}

function keyOf(parent: unknown, name: string | number): number | undefined {
  if (!isMap(parent)) return undefined;
  const keys = parent.items.map(({ key }) => key);
  return startOf(keys.find((key) => isScalar(key) && key.value === name));
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
