import { isScalar, Scalar } from 'yaml';
import type { KindName } from '../kinds/index.ts';
import type { AnyDocument, Document, InvalidDocument } from '../model/documents.ts';
import { at } from '../validate/read.ts';
import type { Finding } from '../validate/finding.ts';
import { validate, type Validated } from '../validate/validate.ts';
import type { DocumentId, Origin } from '../words/places.ts';
import type { Problem } from '../words/problems.ts';
import type { EpochMs } from '../words/time.ts';
import { findNode, type Found, keyOffset, valueOffset } from './find.ts';
import { identify } from './identify.ts';
import { maxProblems, type TextProblem } from './limits.ts';
import { readStream, type StreamDocument, type YamlStream } from './stream.ts';
import { positionsIn, type Position } from './text.ts';

export interface FileInput {
  /** The trust domain it belongs to. */
  readonly source: string;
  /** Path as people know it. */
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly commit?: string;
  readonly since?: EpochMs;
}

export interface ParsedFile {
  readonly documents: readonly AnyDocument[];
  readonly invalid: readonly InvalidDocument[];
  readonly problems: readonly Problem[];
}

/** `.fairlead.yaml` holds no declaration, wherever it lies. */
const repositoryFile = /(^|[/\\])\.fairlead\.ya?ml$/;

/**
 * The documents of one file and everything that is wrong with it.
 *
 * Never throws, whatever the bytes are; a broken document hides no other.
 */
export function parseFile(input: FileInput, accepts: 'declarations' | 'settings'): ParsedFile {
  if (repositoryFile.test(input.file)) return { documents: [], invalid: [], problems: [] };
  const stream = readStream(input.bytes);
  const reading: Reading = { input, stream, accepts, position: lazyPositions(stream.text) };
  const parsed = stream.documents.map((document) => parseDocument(document, reading));
  const problems = [
    ...stream.problems.map((problem) => textProblem(problem, reading)),
    ...parsed.flatMap((result) => result.problems),
  ];
  return {
    documents: parsed.flatMap(({ document }) => document ?? []),
    invalid: parsed.flatMap(({ invalid }) => invalid ?? []),
    problems: capped(problems.toSorted(byPlace), reading),
  };
}

interface Reading {
  readonly input: FileInput;
  readonly stream: YamlStream;
  readonly accepts: 'declarations' | 'settings';
  readonly position: (offset: number) => Position;
}

interface ParsedDocument {
  readonly document?: AnyDocument;
  readonly invalid?: InvalidDocument;
  readonly problems: readonly Problem[];
}

function parseDocument(read: StreamDocument, reading: Reading): ParsedDocument {
  const text = read.problems.map((problem) => textProblem(problem, reading));
  if (read.node === null && text.length === 0) return { problems: [] };
  const identity = identify(read.value, reading.accepts);
  if (!('kind' in identity)) {
    return { problems: [...text, ...told(identity.findings, read, reading)] };
  }
  const { kind, findings } = identity;
  const frame = frameOf(read, reading);
  const found =
    findings.length > 0 ? { valid: false as const, findings } : builders[kind](read.value, frame);
  if ('document' in found && text.length === 0) return { document: found.document, problems: [] };
  const problems = [...text, ...('findings' in found ? told(found.findings, read, reading) : [])];
  const name = at(read.value, '/metadata/name');
  if (typeof name !== 'string' || name === '') return { problems };
  return {
    invalid: { ...frame, kind, name, ...namespaceOf(read.value), value: read.value },
    problems,
  };
}

type Frame = Pick<Document, 'id' | 'origin' | 'since'>;

type Built<K extends KindName> =
  { readonly document: Document<K> } | Extract<Validated<K>, { valid: false }>;

function build<K extends KindName>(kind: K, value: unknown, frame: Frame): Built<K> {
  const validated = validate(kind, value);
  if (!validated.valid) return validated;
  const { metadata } = validated.value;
  return {
    document: {
      ...frame,
      kind,
      name: metadata.name,
      ...namespaceOf(value),
      value: validated.value,
    },
  };
}

const builders: { readonly [K in KindName]: (value: unknown, frame: Frame) => Built<K> } = {
  MiniProgram: (value, frame) => build('MiniProgram', value, frame),
  ConfigProfile: (value, frame) => build('ConfigProfile', value, frame),
  MiniProgramRelease: (value, frame) => build('MiniProgramRelease', value, frame),
  PlatformConnection: (value, frame) => build('PlatformConnection', value, frame),
  GitSource: (value, frame) => build('GitSource', value, frame),
  Settings: (value, frame) => build('Settings', value, frame),
};

function frameOf({ index }: StreamDocument, { input, stream }: Reading): Frame {
  const { source, file, commit, since } = input;
  return {
    id: documentId(source, file, index),
    origin: {
      kind: 'file',
      file,
      index,
      text: stream.text,
      ...(commit === undefined ? {} : { commit }),
    },
    ...(since === undefined ? {} : { since }),
  };
}

/** `source|file#index`. */
export function documentId(source: string, file: string, index: number): DocumentId {
  return `${source}|${file}#${index}` as DocumentId;
}

function namespaceOf(value: unknown): { readonly namespace?: string } {
  const namespace = at(value, '/metadata/namespace');
  return typeof namespace === 'string' ? { namespace } : {};
}

function told(findings: readonly Finding[], read: StreamDocument, reading: Reading): Problem[] {
  // One more than is told, so that it is known that there are more.
  return findings.slice(0, maxProblems + 1).flatMap((finding) => {
    const found = findNode(read.node, finding.pointer);
    if (isToldAlready(found, read.problems)) return [];
    const offset = finding.at === 'key' ? keyOffset(found) : valueOffset(found);
    const related = (finding.related ?? []).map((pointer) =>
      originAt(valueOffset(findNode(read.node, pointer)), reading),
    );
    return [
      {
        rule: finding.rule,
        severity: 'error' as const,
        message: finding.message,
        nextStep: finding.nextStep,
        ...(finding.wantsText === true ? unquoted(finding, found.node) : {}),
        origin: originAt(offset, reading),
        ...(related.length === 0 ? {} : { related }),
      },
    ];
  });
}

/** The text of the value was refused before anybody looked at what it means. */
function isToldAlready({ node, exact }: Found, problems: readonly TextProblem[]): boolean {
  if (!exact || !isScalar(node) || !node.range) return false;
  const [start, end] = node.range;
  return problems.some(({ offset }) => offset >= start && offset < end);
}

/** Text was wanted, and only quotes are missing. */
function unquoted(finding: Finding, node: unknown): Partial<Problem> {
  if (!isScalar(node) || node.type !== Scalar.PLAIN || !node.source) return {};
  return {
    rule: 'unquoted-text',
    message: `${finding.message.replace(/, not .*$/, '')}, but unquoted ${node.source} is not read as text.`,
    nextStep: `Quote it: "${node.source}".`,
  };
}

function textProblem({ rule, offset, message, nextStep }: TextProblem, reading: Reading): Problem {
  return { rule, severity: 'error', message, nextStep, origin: originAt(offset, reading) };
}

function originAt(offset: number, { input, position }: Reading): Origin {
  const { file, commit } = input;
  return { file, ...position(offset), ...(commit === undefined ? {} : { commit }) };
}

function byPlace({ origin: a }: Problem, { origin: b }: Problem): number {
  if (!a || !b || !('file' in a) || !('file' in b)) return 0;
  return a.line - b.line || a.column - b.column;
}

function capped(problems: readonly Problem[], reading: Reading): readonly Problem[] {
  if (problems.length <= maxProblems) return problems;
  const rest: Problem = {
    rule: 'too-many-problems',
    severity: 'error',
    message: `The file has more than ${maxProblems} problems; only the first are told.`,
    nextStep: 'Correct these first.',
    origin: originAt(0, reading),
  };
  return [...problems.slice(0, maxProblems), rest];
}

/** Lines are counted only in a file that has something to tell. */
function lazyPositions(text: string): (offset: number) => Position {
  let known: ((offset: number) => Position) | undefined;
  return (offset) => (known ??= positionsIn(text))(offset);
}
