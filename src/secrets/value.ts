import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ReconcileError } from '../core/words/errors.ts';

/** Where the administrator keeps one value: exactly one of the two. */
export interface ValueFrom {
  readonly env?: string;
  readonly file?: string;
}

/** What values are read from; only `src/cli` sees the process. */
export interface ValueSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The settings file's folder: relative paths start there. */
  readonly directory: string;
}

/** A variable's value is far smaller; a key file is, too. */
export const maxBytes = 64 * 1024;

/**
 * The value, as UTF-8 text. Of a file, one line end at its end is not part of the value: editors add it.
 *
 * @throws ReconcileError `SecretUnavailable`, naming the place and never the value
 */
export async function readValue(
  from: ValueFrom,
  { env, directory }: ValueSources,
): Promise<string> {
  if (from.env !== undefined) return present(env[from.env], `variable ${from.env}`);
  if (from.file === undefined) throw unavailable('the settings give neither env nor file');
  const text = await readText(resolve(directory, from.file), from.file);
  return present(text.replace(/\r?\n$/, ''), `file ${from.file}`);
}

function present(value: string | undefined, place: string): string {
  if (value === undefined) throw unavailable(`${place} is not set`);
  if (value === '') throw unavailable(`${place} is empty`);
  return value;
}

async function readText(path: string, name: string): Promise<string> {
  const bytes = await readBytes(path, name);
  if (bytes.byteLength > maxBytes) throw unavailable(`file ${name} is larger than 64 KiB`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Without a cause: it could show bytes.
    throw unavailable(`file ${name} is not UTF-8 text`);
  }
}

async function readBytes(path: string, name: string): Promise<Uint8Array> {
  try {
    const handle = await open(path, 'r');
    try {
      const buffer = Buffer.alloc(maxBytes + 1);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw unavailable(`file ${name} cannot be read (${code})`);
  }
}

function unavailable(message: string): ReconcileError {
  return new ReconcileError('SecretUnavailable', message, {
    nextStep: 'correct the secrets in the settings, or provide the value where they say',
  });
}
