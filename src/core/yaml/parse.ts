import type { KindName } from '../kinds/index.ts';
import type { AnyDocument, Document, InvalidDocument } from '../model/documents.ts';
import { at } from '../validate/read.ts';
import { validate, type Validated } from '../validate/validate.ts';
import type { DocumentId } from '../words/places.ts';
import type { Problem } from '../words/problems.ts';
import type { EpochMs } from '../words/time.ts';
import { identify } from './identify.ts';
import { readStream, type StreamDocument, type YamlStream } from './stream.ts';
import { createTeller, type Teller } from './tell.ts';

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

/** `.fairlead.yaml`, and `.sops.yaml` that tells sops for whom to encrypt, hold no declaration, wherever they lie. */
const repositoryFile = /(^|[/\\])\.(?:fairlead|sops)\.ya?ml$/;

/**
 * The documents of one file and everything that is wrong with it.
 *
 * Never throws, whatever the bytes are; a broken document hides no other.
 */
export function parseFile(input: FileInput, accepts: 'declarations' | 'settings'): ParsedFile {
  if (repositoryFile.test(input.file)) return { documents: [], invalid: [], problems: [] };
  const stream = readStream(input.bytes);
  const reading: Reading = {
    input,
    stream,
    accepts,
    teller: createTeller({ ...input, text: stream.text }),
  };
  const parsed = stream.documents.map((document) => parseDocument(document, reading));
  const problems = [
    ...stream.problems.map((problem) => reading.teller.textProblem(problem)),
    ...parsed.flatMap((result) => result.problems),
  ];
  return {
    documents: parsed.flatMap(({ document }) => document ?? []),
    invalid: parsed.flatMap(({ invalid }) => invalid ?? []),
    problems: reading.teller.inOrder(problems),
  };
}

interface Reading {
  readonly input: FileInput;
  readonly stream: YamlStream;
  readonly accepts: 'declarations' | 'settings';
  readonly teller: Teller;
}

interface ParsedDocument {
  readonly document?: AnyDocument;
  readonly invalid?: InvalidDocument;
  readonly problems: readonly Problem[];
}

function parseDocument(read: StreamDocument, reading: Reading): ParsedDocument {
  const text = read.problems.map((problem) => reading.teller.textProblem(problem));
  if (read.node === null && text.length === 0) return { problems: [] };
  const identity = identify(read.value, reading.accepts);
  if (!('kind' in identity)) {
    return { problems: [...text, ...reading.teller.problems(identity.findings, read)] };
  }
  const { kind, findings } = identity;
  const frame = frameOf(read, reading);
  const found =
    findings.length > 0 ? { valid: false as const, findings } : builders[kind](read.value, frame);
  if ('document' in found && text.length === 0) return { document: found.document, problems: [] };
  const problems = [
    ...text,
    ...('findings' in found ? reading.teller.problems(found.findings, read) : []),
  ];
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
