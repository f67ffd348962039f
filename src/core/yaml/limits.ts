import { CST, Lexer, Parser } from 'yaml';

/** What a file may cost at most, whatever stands in it. */
export const yamlLimits = {
  bytes: 256 * 1024,
  tokens: 20_000,
  depth: 16,
} as const;

/** Most problems told of one file: with more it is another kind of file. */
export const maxProblems = 200;

/** A mistake at an offset of the text. */
export interface TextProblem {
  readonly rule: string;
  readonly offset: number;
  readonly message: string;
  readonly nextStep: string;
}

export interface Tokens {
  /** Concrete syntax, ready to be composed; empty when a limit was passed. */
  readonly syntax: readonly CST.Token[];
  readonly problems: readonly TextProblem[];
  /** A limit was passed: nothing more may be done with the file. */
  readonly stopped: boolean;
}

/**
 * Cuts a text into tokens and its concrete syntax, never doing more work than the limits allow.
 *
 * Anchors, aliases, tags and directives are found here, before anything could expand them.
 */
export function tokenize(text: string): Tokens {
  const lexed = lexWithin(text);
  if ('offset' in lexed) return { syntax: [], problems: [lexed], stopped: true };
  return parseWithin(lexed);
}

function lexWithin(text: string): readonly string[] | TextProblem {
  const lexemes: string[] = [];
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexemes.length === yamlLimits.tokens) return tooMany(offset);
    if (lexeme.length > maxProblems && hasCountlessEscapes(lexeme)) return brokenEscapes(offset);
    lexemes.push(lexeme);
    offset += width(lexeme);
  }
  return lexemes;
}

const badEscape =
  /\\\\|\\(?![0abtnvfre"/N_LP \t\r\n]|x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|U[\dA-Fa-f]{8})/g;

/** The library makes an error object for each broken escape of a quoted text, which nothing else bounds. */
function hasCountlessEscapes(lexeme: string): boolean {
  if (!lexeme.startsWith('"')) return false;
  let count = 0;
  for (const [found] of lexeme.matchAll(badEscape)) {
    if (found !== '\\\\') count += 1;
    if (count > maxProblems) return true;
  }
  return false;
}

function parseWithin(lexemes: readonly string[]): Tokens {
  const parser = new Parser();
  const syntax: CST.Token[] = [];
  const problems: TextProblem[] = [];
  let isContent = false;
  for (const lexeme of lexemes) {
    const refused = isContent ? undefined : refuse(lexeme, parser.offset);
    if (refused) problems.push(refused);
    isContent = lexeme === CST.SCALAR;
    const offset = parser.offset;
    syntax.push(...parser.next(lexeme));
    if (depthOf(parser.stack) > yamlLimits.depth) {
      return { syntax: [], problems: [...problems, tooDeep(offset)], stopped: true };
    }
  }
  syntax.push(...parser.end());
  return { syntax, problems, stopped: false };
}

/** The lexer's own marks are not part of the text. */
function width(lexeme: string): number {
  const isMark = lexeme === CST.DOCUMENT || lexeme === CST.FLOW_END || lexeme === CST.SCALAR;
  return isMark ? 0 : lexeme.length;
}

const collections = new Set(['block-map', 'block-seq', 'flow-collection']);

function depthOf(stack: readonly CST.Token[]): number {
  if (stack.length <= yamlLimits.depth) return 0;
  return stack.filter(({ type }) => collections.has(type)).length;
}

function refuse(lexeme: string, offset: number): TextProblem | undefined {
  switch (lexeme[0]) {
    case '&':
      return { offset, ...anchors, message: `Anchor ${lexeme} is not allowed.` };
    case '*':
      return { offset, ...anchors, message: `Alias ${lexeme} is not allowed.` };
    case '!':
      return {
        offset,
        rule: 'yaml-tag',
        message: `Tag ${lexeme} is not allowed.`,
        nextStep: 'Remove the tag; quote the value if it is text.',
      };
    case '%':
      return {
        offset,
        rule: 'yaml-directive',
        message: `Directive ${lexeme.trim()} is not allowed.`,
        nextStep: 'Remove the line.',
      };
    default:
      return undefined;
  }
}

const anchors = {
  rule: 'yaml-alias',
  nextStep: 'Write the value where it is needed, or put what repeats in a ConfigProfile.',
} as const;

function brokenEscapes(offset: number): TextProblem {
  return {
    rule: 'yaml-syntax',
    offset,
    message: `The quoted text holds more than ${maxProblems} broken escapes.`,
    nextStep: 'Use single quotes, in which a backslash is a backslash.',
  };
}

function tooMany(offset: number): TextProblem {
  return {
    rule: 'yaml-tokens',
    offset,
    message: `The file holds more than ${yamlLimits.tokens.toLocaleString('en')} YAML tokens.`,
    nextStep: 'Split it into several files.',
  };
}

function tooDeep(offset: number): TextProblem {
  return {
    rule: 'yaml-depth',
    offset,
    message: `Values are nested more than ${yamlLimits.depth} levels deep.`,
    nextStep: 'No declaration needs such depth; check the indentation and brackets above.',
  };
}
