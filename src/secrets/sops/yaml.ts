import {
  Composer,
  CST,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  Parser,
  Scalar as YamlScalar,
  Schema,
  type ParsedNode,
} from 'yaml';
import { limits, mapping, Unreadable, type Tree } from './tree.ts';

/**
 * The documents of a YAML stream as sops writes it. What plain text means is decided as the writer does, for the few
 * spellings it uses.
 *
 * @throws Unreadable
 */
export function readYaml(text: string): readonly Tree[] {
  // Everything is text to the library; the schema is made once for all documents.
  const schema = new Schema({ schema: 'failsafe', merge: false, resolveKnownTags: false });
  const documents = new Composer({ schema, uniqueKeys: false }).compose(parse(lex(text)));
  return Array.from(documents, ({ contents, errors, warnings }) => {
    const isKnown = warnings.every(({ code }) => code === 'TAG_RESOLVE_FAILED');
    if (errors.length > 0 || !isKnown) throw new Unreadable('it is not valid YAML');
    return contents === null ? mapping([]) : documentOf(contents);
  });
}

/** A document without any value is an empty one to sops. */
function documentOf(contents: ParsedNode): Tree {
  const tree = treeOf(contents);
  if (tree.kind === 'null') return mapping([]);
  if (tree.kind !== 'mapping') throw new Unreadable('one of its documents is no mapping');
  return tree;
}

function lex(text: string): readonly string[] {
  const lexemes: string[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    if (lexemes.length === limits.tokens)
      throw new Unreadable(`it has more than ${limits.tokens} YAML tokens`);
    if (hasBrokenEscape(lexeme)) throw new Unreadable('it is not valid YAML');
    lexemes.push(lexeme);
  }
  return lexemes;
}

const escape = /\\(?:[0abtnvfre"/N_LP\\ \t\r\n]|x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|U[\dA-Fa-f]{8})?/g;

/** The library makes an error object for each, which nothing else bounds. */
function hasBrokenEscape(lexeme: string): boolean {
  if (!lexeme.startsWith('"')) return false;
  for (const [found] of lexeme.matchAll(escape)) if (found.length === 1) return true;
  return false;
}

/** Anchors, aliases, tags and directives are found before anything could expand them: sops writes none but `!!merge`. */
const refused: Readonly<Record<string, string>> = {
  '&': 'an anchor',
  '*': 'an alias',
  '!': 'a tag',
  '%': 'a directive',
};

function parse(lexemes: readonly string[]): readonly CST.Token[] {
  const parser = new Parser();
  const syntax: CST.Token[] = [];
  let isContent = false;
  for (const lexeme of lexemes) {
    // How sops writes the text `<<`: the tag says nothing.
    const stranger = isContent || lexeme === '!!merge' ? undefined : refused[lexeme.charAt(0)];
    if (stranger !== undefined) throw new Unreadable(`it holds ${stranger}, which is not read`);
    isContent = lexeme === CST.SCALAR;
    syntax.push(...parser.next(lexeme));
    if (depthOf(parser.stack) > limits.depth)
      throw new Unreadable(`it is nested more than ${limits.depth} deep`);
  }
  syntax.push(...parser.end());
  return syntax;
}

const collections = new Set(['block-map', 'block-seq', 'flow-collection']);

function depthOf(stack: readonly CST.Token[]): number {
  if (stack.length <= limits.depth) return 0;
  return stack.filter(({ type }) => collections.has(type)).length;
}

function treeOf(node: ParsedNode | null): Tree {
  if (node === null) return { kind: 'null' };
  if (isMap(node)) return mapping(node.items.map(({ key, value }) => [nameOf(key), treeOf(value)]));
  if (isSeq(node)) return { kind: 'list', items: node.items.map((item) => treeOf(item)) };
  if (!isScalar(node)) throw new Unreadable('it holds an alias, which is not read');
  return node.type === YamlScalar.PLAIN ? plain(node.source) : { kind: 'text', text: node.source };
}

function nameOf(key: ParsedNode): string {
  if (isScalar(key)) return key.source;
  throw new Unreadable('one of its names is no text');
}

const nothing = new Set(['', '~', 'null', 'Null', 'NULL']);
const yes = new Set(['true', 'True', 'TRUE']);
const no = new Set(['false', 'False', 'FALSE']);
const number =
  /^[-+]?(?:(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|\.(?:inf|Inf|INF))$|^\.(?:nan|NaN|NAN)$/;

function plain(text: string): Tree {
  if (nothing.has(text)) return { kind: 'null' };
  if (yes.has(text) || no.has(text)) return { kind: 'boolean', value: yes.has(text) };
  return { kind: number.test(text) ? 'number' : 'text', text };
}
