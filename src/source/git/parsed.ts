import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { AnyDocument } from '../../core/model/documents.ts';
import type { ParsedFiles } from '../files.ts';

/** What was parsed before, kept beside a mirror. */
export interface ParsedStore extends ParsedFiles {
  /** Keeps what this load used, and nothing else. A disk that refuses costs time at the next start, nothing more. */
  save(): Promise<void>;
}

const format = 1;

interface Kept {
  readonly format: typeof format;
  readonly stamp: string;
  readonly files: Readonly<Record<string, readonly AnyDocument[]>>;
}

/**
 * Opens the store of a source.
 *
 * Only files without any mistake are kept: what is wrong with a file is said anew each time. The folder belongs to the
 * state directory, so what stands there was written by this installation.
 *
 * @param stamp  names the program that parsed; what another one wrote is not believed
 */
export async function openParsed(path: string, stamp: string): Promise<ParsedStore> {
  const before = new Map(Object.entries((await readKept(path, stamp))?.files ?? {}));
  const used = new Map<string, readonly AnyDocument[]>();
  let isNew = false;
  return {
    get(blob) {
      const documents = before.get(blob);
      if (documents) used.set(blob, documents);
      return documents;
    },
    put(blob, documents) {
      isNew = true;
      used.set(blob, documents.map(unplaced));
    },
    async save() {
      if (!isNew && used.size === before.size) return;
      await write(path, { format, stamp, files: Object.fromEntries(used) });
    },
  };
}

/** The place and the text come from the tree each time. */
function unplaced({ since: _, ...document }: AnyDocument): AnyDocument {
  const index = document.origin.kind === 'file' ? document.origin.index : 0;
  return { ...document, origin: { kind: 'file', file: '', index, text: '' } };
}

async function readKept(path: string, stamp: string): Promise<Kept | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isKept(value) && value.stamp === stamp ? value : undefined;
  } catch {
    // Not there, or cut short by a crash: everything is parsed again.
    return undefined;
  }
}

function isKept(value: unknown): value is Kept {
  return (
    typeof value === 'object' &&
    value !== null &&
    'format' in value &&
    value.format === format &&
    'files' in value
  );
}

async function write(path: string, kept: Kept): Promise<void> {
  const beside = `${path}.new`;
  try {
    await writeFile(beside, JSON.stringify(kept), { mode: 0o600 });
    await rename(beside, path);
  } catch {
    await rm(beside, { force: true }).catch(() => undefined);
  }
}
