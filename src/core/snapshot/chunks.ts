import type { Origin } from '../words/places.ts';
import type { Problem } from '../words/problems.ts';
import { findNode, valueOffset } from '../yaml/find.ts';
import { readText, type StreamDocument } from '../yaml/stream.ts';
import { decodeUtf8, positionsIn } from '../yaml/text.ts';

/** A whole file; far more than any Git repository wants to hold. */
const maxBytes = 16 * 1024 * 1024;

/** One document of a snapshot file. */
export interface Chunk {
  readonly value: unknown;
  readonly problem: (
    pointer: string,
    what: Pick<Problem, 'rule' | 'message' | 'nextStep'>,
  ) => Problem;
}

interface Chunks {
  readonly chunks: readonly Chunk[];
  readonly problems: readonly Problem[];
}

/**
 * The documents of a file, each read by itself and within the limits of a declaration file.
 *
 * A snapshot may be far larger than what is safe to read as one, so it is cut before YAML sees it: at lines that are
 * exactly `---`. Text over several lines is never written into a snapshot, so no such line stands inside a document.
 */
export function chunksOf(file: string, bytes: Uint8Array): Chunks {
  const refuse = (rule: string, message: string, nextStep: string): Chunks => ({
    chunks: [],
    problems: [
      { rule, severity: 'error', message, nextStep, origin: { file, line: 1, column: 1 } },
    ],
  });
  if (bytes.byteLength > maxBytes)
    return refuse(
      'yaml-size',
      'The file is larger than 16 MiB.',
      'Name the paths to take the snapshot for, so that it holds less.',
    );
  const text = decodeUtf8(bytes);
  if (text === undefined)
    return refuse('yaml-encoding', 'The file is not UTF-8 text.', 'Save it as UTF-8.');
  const parts = cut(text).map(({ text: part, line }) => readPart(file, part, line));
  return {
    chunks: parts.flatMap(({ chunks }) => chunks),
    problems: parts.flatMap(({ problems }) => problems),
  };
}

function cut(text: string): { readonly text: string; readonly line: number }[] {
  const parts: { text: string; line: number }[] = [];
  let line = 0;
  let lines: string[] = [];
  let from = 0;
  for (const each of text.split('\n')) {
    line += 1;
    if (each.trimEnd() !== '---') lines.push(each);
    else {
      parts.push({ text: lines.join('\n'), line: from });
      lines = [];
      from = line;
    }
  }
  return [...parts, { text: lines.join('\n'), line: from }];
}

function readPart(file: string, text: string, line: number): Chunks {
  const stream = readText(text);
  const position = positionsIn(text);
  const at = (offset: number): Origin => {
    const found = position(offset);
    return { file, line: found.line + line, column: found.column };
  };
  const wrong = [...stream.problems, ...stream.documents.flatMap(({ problems }) => problems)];
  const problems = wrong.map(({ offset, ...what }): Problem => ({
    ...what,
    severity: 'error',
    origin: at(offset),
  }));
  const chunkOf = ({ value, node }: StreamDocument): Chunk => ({
    value,
    problem: (pointer, what) => ({
      ...what,
      severity: 'error',
      origin: at(valueOffset(findNode(node, pointer))),
    }),
  });
  const documents = stream.documents.filter(({ node }) => node !== null);
  return { chunks: problems.length > 0 ? [] : documents.map(chunkOf), problems };
}
