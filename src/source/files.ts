import type { AnyDocument, SourceDocuments } from '../core/model/documents.ts';
import type { Problem } from '../core/words/problems.ts';
import { compareText } from '../core/words/keys.ts';
import { yamlLimits } from '../core/yaml/limits.ts';
import { documentId, parseFile, type ParsedFile } from '../core/yaml/parse.ts';
import type { EpochMs } from '../core/words/time.ts';

/** No larger file is read; the parser's limit. */
export const maxFileBytes = yamlLimits.bytes;

/** One file of a source: its bytes, or what is wrong with it. */
export type SourceFile =
  | {
      readonly kind: 'bytes';
      readonly file: string;
      readonly bytes: Uint8Array;
      /** Names the bytes, where a store of objects does; then what they parse to may be kept. */
      readonly blob?: string;
    }
  | {
      readonly kind: 'problem';
      readonly file: string;
      readonly problem: Problem;
      readonly complete: boolean;
    };

export interface SourceFrame {
  readonly source: string;
  readonly commit?: string;
  /** The commit's time. */
  readonly since?: EpochMs;
}

/** What files without any mistake parse to, by blob. */
export interface ParsedFiles {
  get(blob: string): readonly AnyDocument[] | undefined;
  put(blob: string, documents: readonly AnyDocument[]): void;
}

/** All documents of a source, from its files in any order. */
export function documentsOf(
  files: readonly SourceFile[],
  frame: SourceFrame,
  known?: ParsedFiles,
): SourceDocuments {
  const sorted = files.toSorted((a, b) => compareText(a.file, b.file));
  const sealed = sorted.filter(isSealed);
  const parsed = sorted
    .filter((file) => !isSealed(file) && !isSealedName(file.file))
    .map((file) => parsedFile(file, frame, known));
  return {
    source: frame.source,
    documents: parsed.flatMap(({ documents }) => documents),
    invalid: parsed.flatMap(({ invalid }) => invalid),
    problems: parsed.flatMap(({ problems }) => problems),
    complete: sorted.every((file) => file.kind === 'bytes' || file.complete),
    ...(frame.commit === undefined ? {} : { commit: frame.commit }),
    ...(sealed.length === 0
      ? {}
      : { encrypted: Object.fromEntries(sealed.map(({ file, bytes }) => [file, bytes])) }),
  };
}

type FileOfBytes = Extract<SourceFile, { kind: 'bytes' }>;

/** The key that sops adds at the top level, with a mapping behind it: in YAML at the start of a line, in JSON in quotes. */
const sopsInYaml = /^sops:[ \t]*(?:#.*)?(?:\r?\n[ \t]+\S|\{)/m;
const sopsInJson = /"sops"\s{0,64}:\s{0,64}\{/;

/** Whether it is a document that sops encrypted, told by its text alone: it is never parsed here. */
function isSealed(file: SourceFile): file is FileOfBytes {
  if (file.kind !== 'bytes') return false;
  const bytes = Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.byteLength);
  if (!bytes.includes('sops')) return false;
  const text = bytes.toString('latin1');
  return sopsInYaml.test(text) || (/^\s*\{/.test(text) && sopsInJson.test(text));
}

/** JSON is read for what sops encrypted, and never for declarations. */
function isSealedName(file: string): boolean {
  return /\.json$/.test(file);
}

function parsedFile(file: SourceFile, frame: SourceFrame, known?: ParsedFiles): ParsedFile {
  if (file.kind === 'problem') return { documents: [], invalid: [], problems: [file.problem] };
  const kept = file.blob === undefined ? undefined : known?.get(file.blob);
  if (kept)
    return { documents: kept.map((each) => placed(each, file, frame)), invalid: [], problems: [] };
  const parsed = parseFile({ ...frame, file: file.file, bytes: file.bytes }, 'declarations');
  const isClean = parsed.problems.length === 0 && parsed.invalid.length === 0;
  if (isClean && file.blob !== undefined) known?.put(file.blob, parsed.documents);
  return parsed;
}

/** The same document where it stands now: under this path, in this commit. */
function placed(
  document: AnyDocument,
  { file, bytes }: Extract<SourceFile, { kind: 'bytes' }>,
  { source, commit, since }: SourceFrame,
): AnyDocument {
  const index = document.origin.kind === 'file' ? document.origin.index : 0;
  // These bytes were valid UTF-8 when they were parsed.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  const at = commit === undefined ? {} : { commit };
  return {
    ...document,
    id: documentId(source, file, index),
    origin: { kind: 'file', file, index, text, ...at },
    ...(since === undefined ? {} : { since }),
  };
}

/** Whether a path names a file that may hold declarations, or a document that sops encrypted. */
export function isDeclarationFile(path: string): boolean {
  return /\.(ya?ml|(enc|sops)\.json)$/.test(path);
}

/** A file that is refused for what it is; the others are read all the same. */
export function refusedFile(file: string, { rule, message, nextStep }: Refusal): SourceFile {
  const origin = { file, line: 1, column: 1 };
  return {
    kind: 'problem',
    file,
    problem: { rule, severity: 'error', message, nextStep, origin },
    complete: true,
  };
}

export interface Refusal {
  readonly rule: string;
  readonly message: string;
  readonly nextStep: string;
}

/** A file that is there and could not be read: nothing may be concluded from what it might have held. */
export function unreadableFile(file: string, code: string): SourceFile {
  return {
    kind: 'problem',
    file,
    complete: false,
    problem: {
      rule: 'file-unreadable',
      severity: 'error',
      message: `the file cannot be read (${code})`,
      nextStep: 'give this user the right to read it, or move it out of the path',
      origin: { file, line: 1, column: 1 },
    },
  };
}

export const symlinkRefusal: Refusal = {
  rule: 'file-symlink',
  message: 'a symbolic link is not followed: it could lead out of the source',
  nextStep: 'put the file itself here, or name its path',
};

export const irregularRefusal: Refusal = {
  rule: 'file-irregular',
  message: 'not a regular file',
  nextStep: 'put a regular file here, or move it out of the path',
};

export function sizeRefusal(bytes: number): Refusal {
  const kib = (count: number): string => `${Math.ceil(count / 1024)} KiB`;
  return {
    rule: 'yaml-size',
    message: `the file has ${kib(bytes)}; at most ${kib(maxFileBytes)} are read`,
    nextStep: 'split it into several files',
  };
}
