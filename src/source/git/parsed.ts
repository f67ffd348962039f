import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import type { AnyDocument } from '../../core/model/documents.ts';
import type { ParsedFiles } from '../files.ts';

/** What was parsed before, kept beside a mirror. */
export interface ParsedStore extends ParsedFiles {
  /** Keeps what this load used, and nothing else. A disk that refuses costs time at the next start, nothing more. */
  save(): Promise<void>;
}

/** Of the file: a line with this, the stamp and how many follow, then a line for each blob. */
const format = 2;

type Parsed = readonly AnyDocument[];

/**
 * Opens the store of a source.
 *
 * Only files without any mistake are kept: what is wrong with a file is said anew each time. The folder belongs to the
 * state directory, so what stands there was written by this installation.
 *
 * @param stamp  names the program that parsed; what another one wrote is not believed
 */
export async function openParsed(path: string, stamp: string): Promise<ParsedStore> {
  const before = await readKept(path, stamp);
  const used = new Map<string, Parsed>();
  const fresh = { any: false };
  return {
    get(blob) {
      const documents = before.get(blob);
      if (documents) used.set(blob, documents);
      return documents;
    },
    put(blob, documents) {
      fresh.any = true;
      used.set(blob, documents.map(unplaced));
    },
    async save() {
      if (!fresh.any && used.size === before.size) return;
      await write(path, linesOf(stamp, used));
    },
  };
}

/** The place and the text come from the tree each time. */
function unplaced({ since: _, ...document }: AnyDocument): AnyDocument {
  const index = document.origin.kind === 'file' ? document.origin.index : 0;
  return { ...document, origin: { kind: 'file', file: '', index, text: '' } };
}

async function readKept(path: string, stamp: string): Promise<ReadonlyMap<string, Parsed>> {
  try {
    return await readLines(path, stamp);
  } catch {
    // Not there, or cut short by a crash: everything is parsed again.
    return new Map();
  }
}

/** Line by line: as one text, a large source would need its own size in memory once more. */
async function readLines(path: string, stamp: string): Promise<ReadonlyMap<string, Parsed>> {
  const input = createReadStream(path, 'utf8');
  try {
    const values = createInterface({ input, crlfDelay: Infinity })[Symbol.asyncIterator]();
    const head = parsed((await values.next()).value);
    if (!isHead(head, stamp)) return new Map();
    const kept = new Map<string, Parsed>();
    for await (const line of values) {
      const entry = parsed(line);
      if (isEntry(entry)) kept.set(entry[0], entry[1]);
    }
    return kept.size === head.count ? kept : new Map();
  } finally {
    input.destroy();
  }
}

function parsed(line: unknown): unknown {
  return typeof line === 'string' ? JSON.parse(line) : undefined;
}

interface Head {
  readonly format: typeof format;
  readonly stamp: string;
  readonly count: number;
}

function isHead(value: unknown, stamp: string): value is Head {
  return (
    typeof value === 'object' &&
    value !== null &&
    'format' in value &&
    value.format === format &&
    'stamp' in value &&
    value.stamp === stamp &&
    'count' in value &&
    typeof value.count === 'number'
  );
}

function isEntry(value: unknown): value is readonly [string, Parsed] {
  return Array.isArray(value) && typeof value[0] === 'string' && Array.isArray(value[1]);
}

function* linesOf(stamp: string, files: ReadonlyMap<string, Parsed>): Generator<string> {
  yield JSON.stringify({ format, stamp, count: files.size } satisfies Head);
  for (const entry of files) yield JSON.stringify(entry);
}

async function write(path: string, lines: Iterable<string>): Promise<void> {
  const beside = `${path}.new`;
  try {
    await pipeline(chunksOf(lines), createWriteStream(beside, { mode: 0o600 }));
    await rename(beside, path);
  } catch {
    await rm(beside, { force: true }).catch(() => undefined);
  }
}

const chunkLength = 256 * 1024;

function* chunksOf(lines: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const line of lines) {
    chunk += `${line}\n`;
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}
