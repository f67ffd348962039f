import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, normalize, resolve } from 'node:path';
import { ReconcileError } from '../core/words/errors.ts';
import type { Declarations } from '../ports/index.ts';
import {
  documentsOf,
  irregularRefusal,
  isDeclarationFile,
  maxFileBytes,
  refusedFile,
  sizeRefusal,
  symlinkRefusal,
  unreadableFile,
  type SourceFile,
} from './files.ts';

export interface DirectoryOptions {
  /** Files, directories (every `*.yaml` and `*.yml` below them) and `-` for standard input. */
  readonly paths: readonly string[];
  /** Trust domain of what is read; plain files of the command line are `cli`. */
  readonly source: string;
  /** Where relative paths start. */
  readonly cwd: string;
  /** All of standard input, at most `maxBytes` of it. */
  readonly readInput: (maxBytes: number) => Promise<Uint8Array>;
}

/** How standard input is called in messages. */
const inputName = '(stdin)';

/** Deeper folders are a loop or a mistake. */
const maxDepth = 32;

/**
 * Declarations in plain files, as one source.
 *
 * Below a directory, folders whose name begins with a dot are passed over (`.git` and the like), and symbolic links are
 * refused one by one; a path that is named itself may be a link. A file met twice is read once.
 *
 * `load` throws ReconcileError `SourceUnavailable` when a named path does not exist or cannot be read.
 */
export function createDirectory(options: DirectoryOptions): Declarations {
  return {
    async load(signal) {
      const found = await Promise.all(options.paths.map((path) => find(path, options)));
      const unique = new Map(found.flat().map((each) => [each.at, each]));
      const files: SourceFile[] = [];
      for (const each of unique.values()) {
        signal.throwIfAborted();
        files.push(await read(each, options));
      }
      return { sources: [documentsOf(files, { source: options.source })] };
    },
  };
}

/** A file to be read, by the name people gave it and the place where it lies. */
interface Found {
  readonly name: string;
  readonly at: string;
  /** Found in a directory, where no link is followed. */
  readonly below: boolean;
  readonly refused?: SourceFile;
}

async function find(path: string, options: DirectoryOptions): Promise<readonly Found[]> {
  if (path === '-') return [{ name: inputName, at: '-', below: false }];
  const at = resolve(options.cwd, path);
  try {
    const status = await stat(at);
    return status.isDirectory() ? await walk(path, at, 0) : [{ name: path, at, below: false }];
  } catch (cause) {
    throw new ReconcileError('SourceUnavailable', `${path} cannot be read (${codeOf(cause)})`, {
      cause,
      nextStep: 'name a file, a directory or - for standard input',
    });
  }
}

async function walk(name: string, at: string, depth: number): Promise<readonly Found[]> {
  if (depth > maxDepth) return [];
  const entries = await readdir(at, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry): Promise<readonly Found[]> => {
      const child = {
        name: normalize(join(name, entry.name)),
        at: join(at, entry.name),
        below: true,
      };
      if (entry.isDirectory())
        return entry.name.startsWith('.') ? [] : walk(child.name, child.at, depth + 1);
      if (!isDeclarationFile(entry.name)) return [];
      if (entry.isSymbolicLink())
        return [{ ...child, refused: refusedFile(child.name, symlinkRefusal) }];
      if (!entry.isFile())
        return [{ ...child, refused: refusedFile(child.name, irregularRefusal) }];
      return [child];
    }),
  );
  return found.flat();
}

async function read(found: Found, options: DirectoryOptions): Promise<SourceFile> {
  if (found.refused) return found.refused;
  const { name: file } = found;
  try {
    if (found.at === '-')
      return { kind: 'bytes', file, bytes: await options.readInput(maxFileBytes + 1) };
    return readRegular(found);
  } catch (cause) {
    return unreadableFile(file, codeOf(cause));
  }
}

/**
 * A file of the checkout that is named by us and not by a person, read as one below a directory is: no link, no pipe, no
 * device, at most `maxFileBytes`.
 *
 * @returns undefined where there is none
 */
export function readBeside(directory: string, name: string): SourceFile | undefined {
  try {
    return readRegular({ name, at: join(directory, name), below: true });
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT') return undefined;
    return code === 'ELOOP' ? refusedFile(name, symlinkRefusal) : unreadableFile(name, code);
  }
}

/** At once and not by way of the thread pool, whose four trips a file cost more than parsing half of it. */
function readRegular({ name: file, at, below }: Found): SourceFile {
  // A link that took the file's place since it was listed fails here with ELOOP; a pipe must not block the open.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (below ? constants.O_NOFOLLOW : 0);
  const descriptor = openSync(at, flags);
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) return refusedFile(file, irregularRefusal);
    if (status.size > maxFileBytes) return refusedFile(file, sizeRefusal(status.size));
    return { kind: 'bytes', file, bytes: readAll(descriptor, status.size) };
  } finally {
    closeSync(descriptor);
  }
}

function readAll(descriptor: number, size: number): Uint8Array {
  const buffer = Buffer.alloc(size);
  let length = 0;
  while (length < size) {
    const bytesRead = readSync(descriptor, buffer, length, size - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
}
