import { Document, Scalar, visit } from 'yaml';
import { hiddenInText } from './text.ts';

/**
 * A document of plain data, to be changed and written with `writeDocument`.
 *
 * Text that YAML 1.1 or 1.2 would read as a number, a date or a boolean is quoted.
 *
 * @param value  keys keep their order; `undefined` is left out
 */
export function newDocument(value: unknown): Document {
  return new Document(value, {
    version: '1.2',
    compat: 'yaml-1.1',
    aliasDuplicateObjects: false,
  });
}

/**
 * The text of a document: read alike by every reader of YAML, and by Fairlead without a problem of the text.
 *
 * Lines are never folded, so that Git shows one change as one line; characters that nobody sees are escaped.
 */
export function writeDocument(document: Document): string {
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && needsQuotes(node.value))
        node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  const text = document.toString({ lineWidth: 0, blockQuote: false });
  return escaped(text);
}

/** `=` is a special key of YAML 1.1 that the library does not know. */
function needsQuotes(text: string): boolean {
  return text === '=' || hiddenInText(text, 1).length > 0;
}

/** Hidden characters stand in double-quoted text only, where an escape means the same. */
function escaped(text: string): string {
  const found = hiddenInText(text, Number.POSITIVE_INFINITY);
  let result = '';
  let from = 0;
  for (const { offset } of found) {
    const code = text.codePointAt(offset) ?? 0;
    result += text.slice(from, offset) + escape(code);
    from = offset + (code > 0xffff ? 2 : 1);
  }
  return result + text.slice(from);
}

function escape(code: number): string {
  const hex = code.toString(16);
  return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
