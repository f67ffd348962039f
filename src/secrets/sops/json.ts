import { limits, mapping, Unreadable, type Tree } from './tree.ts';

/**
 * A JSON text with the order of its names and the spelling of its numbers, neither of which `JSON.parse` keeps.
 *
 * @throws Unreadable
 */
export function readJson(text: string): Tree {
  refuseInvalid(text);
  return value({ tokens: tokensOf(text), at: 0 }, 0);
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  for (const [found] of text.matchAll(token)) {
    if (tokens.length === limits.tokens)
      throw new Unreadable(`it has more than ${limits.tokens} JSON tokens`);
    tokens.push(found);
  }
  return tokens;
}

/** Of a text that is known to be JSON, where nothing else stands between tokens than white space. */
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

function refuseInvalid(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    // Without a cause: it quotes the text.
    throw new Unreadable('it is not valid JSON');
  }
}

interface Cursor {
  readonly tokens: readonly string[];
  at: number;
}

function next(cursor: Cursor): string {
  const found = cursor.tokens[cursor.at];
  if (found === undefined) throw new Unreadable('it is not valid JSON');
  cursor.at += 1;
  return found;
}

function value(cursor: Cursor, depth: number): Tree {
  if (depth > limits.depth) throw new Unreadable(`it is nested more than ${limits.depth} deep`);
  const found = next(cursor);
  if (found === '{') return object(cursor, depth);
  if (found === '[') return array(cursor, depth);
  if (found.startsWith('"')) return { kind: 'text', text: textOf(found) };
  if (found === 'null') return { kind: 'null' };
  if (found === 'true' || found === 'false') return { kind: 'boolean', value: found === 'true' };
  return { kind: 'number', text: found };
}

function object(cursor: Cursor, depth: number): Tree {
  const items: (readonly [string, Tree])[] = [];
  for (let found = next(cursor); found !== '}'; found = next(cursor)) {
    const name = textOf(found === ',' ? next(cursor) : found);
    next(cursor);
    items.push([name, value(cursor, depth + 1)]);
  }
  return mapping(items);
}

function array(cursor: Cursor, depth: number): Tree {
  const items: Tree[] = [];
  while (cursor.tokens[cursor.at] !== ']') {
    if (cursor.tokens[cursor.at] === ',') cursor.at += 1;
    items.push(value(cursor, depth + 1));
  }
  cursor.at += 1;
  return { kind: 'list', items };
}

function textOf(quoted: string): string {
  const text: unknown = JSON.parse(quoted);
  return String(text);
}
