import { Composer, type CST, type Document, type ParsedNode, Schema } from 'yaml';
import { maxProblems, tokenize, yamlLimits, type TextProblem } from './limits.ts';
import { decodeUtf8, hiddenInText } from './text.ts';
import { readValue } from './values.ts';

/** One document of a stream, as long as its file is being read: the nodes are dropped with it. */
export interface StreamDocument {
  /** Place in the stream, from 0; documents without content count. */
  readonly index: number;
  readonly node: ParsedNode | null;
  /** Plain data; what could not be read is left out or stands as its text. `null` without content. */
  readonly value: unknown;
  /** Mistakes of the text within this document, in the order of the text. */
  readonly problems: readonly TextProblem[];
}

export interface YamlStream {
  readonly text: string;
  readonly documents: readonly StreamDocument[];
  /** Mistakes that belong to no document. */
  readonly problems: readonly TextProblem[];
}

/**
 * Reads a file as a stream of YAML documents.
 *
 * Never throws on any bytes; a mistake in one document leaves the others readable.
 */
export function readStream(bytes: Uint8Array): YamlStream {
  if (bytes.byteLength > yamlLimits.bytes) return unreadable('', tooLarge(bytes.byteLength));
  const text = decodeUtf8(bytes);
  return text === undefined ? unreadable('', notUtf8(bytes)) : readText(text);
}

/** The same for a text already decoded. */
export function readText(text: string): YamlStream {
  const { syntax, problems: refused, stopped } = tokenize(text);
  const found = [...hiddenProblems(text), ...refused];
  if (stopped) return { text, documents: [], problems: found };
  const wasRefused = refused.length > 0;
  const reads = compose(syntax).map((document) => readDocument(document, wasRefused));
  return distribute(text, reads, found);
}

/** Only the nodes of each document of a text, `null` for one without content: for finding places in it. */
export function nodesOf(text: string): readonly (ParsedNode | null)[] {
  return compose(tokenize(text).syntax).map((document) =>
    isEmpty(document) ? null : document.contents,
  );
}

/** Everything is read as text here: what a plain scalar means is decided by readPlain alone. */
function compose(syntax: readonly CST.Token[]): readonly Document.Parsed[] {
  // One schema for all documents: making one costs more than a small document.
  const schema = new Schema({ schema: 'failsafe', merge: false, resolveKnownTags: false });
  return [...new Composer({ schema, uniqueKeys: false }).compose(syntax)];
}

interface Read {
  readonly node: ParsedNode | null;
  readonly value: unknown;
  readonly end: number;
  readonly problems: readonly TextProblem[];
}

function readDocument(document: Document.Parsed, wasRefused: boolean): Read {
  const node = isEmpty(document) ? null : document.contents;
  const { value, problems } = readValue(node);
  const syntax = [...document.errors, ...document.warnings].flatMap((error) =>
    wasRefused && reportedAlready.has(error.code) ? [] : [syntaxProblem(error)],
  );
  return { node, value, end: document.range[2], problems: [...syntax, ...problems] };
}

/** Comments and bare separators are no document. */
function isEmpty({ contents, errors }: Document.Parsed): boolean {
  if (contents === null) return true;
  const [start, end] = contents.range;
  return (
    start === end &&
    errors.length === 0 &&
    contents.anchor === undefined &&
    contents.tag === undefined
  );
}

/** Gives each document the problems that lie in it. */
function distribute(
  text: string,
  reads: readonly Read[],
  found: readonly TextProblem[],
): YamlStream {
  const last = reads.length - 1;
  let rest = found;
  const documents = reads.map(({ node, value, end, problems }, index) => {
    const isMine = (problem: TextProblem): boolean => index === last || problem.offset < end;
    const mine = rest.filter(isMine);
    rest = rest.filter((problem) => !isMine(problem));
    const all = [...problems, ...mine].toSorted((a, b) => a.offset - b.offset);
    return { index, node, value, problems: all };
  });
  return { text, documents, problems: rest };
}

/** The library sees these too, once it meets what was refused before it. */
const reportedAlready = new Set([
  'BAD_ALIAS',
  'ALIAS_PROPS',
  'TAG_RESOLVE_FAILED',
  'BAD_DIRECTIVE',
  'BAD_COLLECTION_TYPE',
  'MISSING_CHAR',
]);

const nextSteps: Readonly<Record<string, string>> = {
  BAD_INDENT: 'Align the line with its neighbours, with spaces only.',
  TAB_AS_INDENT: 'Indent with spaces.',
  BAD_SCALAR_START: 'Put the value in quotes.',
  BAD_DQ_ESCAPE: 'Use single quotes, or write \\\\ for a backslash.',
  BLOCK_IN_FLOW: 'Close the bracket, or write the list without brackets.',
  MULTILINE_IMPLICIT_KEY: 'Write the key on one line, followed by a colon.',
  UNEXPECTED_TOKEN: 'Check brackets, quotes and dashes here and just above.',
  MISSING_CHAR: 'Check quotes, commas and colons here and just above.',
};

function syntaxProblem({ code, message, pos }: Document.Parsed['errors'][number]): TextProblem {
  const nextStep = nextSteps[code] ?? 'Correct the YAML here or just above.';
  return {
    rule: 'yaml-syntax',
    offset: pos[0],
    message: `${message.replace(/\.$/, '')}.`,
    nextStep,
  };
}

function hiddenProblems(text: string): TextProblem[] {
  return hiddenInText(text, maxProblems + 1).map(({ offset, name, bidirectional }) => ({
    rule: bidirectional ? 'bidirectional-character' : 'control-character',
    offset,
    message: `The text holds ${name}, a character that cannot be seen${bidirectional ? ' and changes how the line reads' : ''}.`,
    nextStep: 'Delete the character; it often comes with pasted text.',
  }));
}

function unreadable(text: string, problem: TextProblem): YamlStream {
  return { text, documents: [], problems: [problem] };
}

function tooLarge(size: number): TextProblem {
  const kib = (count: number): string => `${Math.ceil(count / 1024)} KiB`;
  return {
    rule: 'yaml-size',
    offset: 0,
    message: `The file has ${kib(size)}; at most ${kib(yamlLimits.bytes)} are read.`,
    nextStep: 'Split it into several files.',
  };
}

function notUtf8(bytes: Uint8Array): TextProblem {
  const mark = (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0);
  const isUtf16 = mark === 0xfeff || mark === 0xfffe;
  return {
    rule: 'yaml-encoding',
    offset: 0,
    message: isUtf16 ? 'The file is UTF-16, not UTF-8.' : 'The file is not UTF-8 text.',
    nextStep: 'Save it as UTF-8.',
  };
}
