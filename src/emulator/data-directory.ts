import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { makeKeyPair, publicKeyOf, type KeyPair } from './keys.ts';

const addressFile = 'address.json';

/** Where the process that has a data directory can be reached. */
export interface Address {
  readonly url: string;
  readonly pid: number;
  /** Differs with every start, so that an address left by a dead process is not believed. */
  readonly instance: string;
  /** The client whose key is kept in the directory. */
  readonly client: string;
}

/** Makes the directory if it is missing; what is in it is nobody else's business. */
export async function makeDataDirectory(dataDir: string): Promise<void> {
  await makeFolder(dataDir, 0o700);
}

/** Not `recursive`: where a folder can never be made, as in /proc, Node would try for ever. */
async function makeFolder(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, mode);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path), mode);
    await mkdir(path, mode);
  }
}

export async function writeAddress(dataDir: string, address: Address): Promise<void> {
  await writePrivate(join(dataDir, addressFile), `${JSON.stringify(address)}\n`);
}

export async function removeAddress(dataDir: string): Promise<void> {
  await rm(join(dataDir, addressFile), { force: true });
}

/** Undefined while there is none, or none that can be read. */
export async function readAddress(dataDir: string): Promise<Address | undefined> {
  const text = await readFile(join(dataDir, addressFile), 'utf8').catch(() => '');
  const value: unknown = parse(text);
  if (typeof value !== 'object' || value === null) return undefined;
  const { url, pid, instance, client } = value as Readonly<Record<string, unknown>>;
  if (typeof url !== 'string' || typeof pid !== 'number') return undefined;
  if (typeof instance !== 'string' || typeof client !== 'string') return undefined;
  return { url, pid, instance, client };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const platformName = 'platform';

/** The platform's own key pair; made at its first use. */
export function platformKeyPair(dataDir: string): Promise<KeyPair> {
  return keyPairAt(dataDir, platformName);
}

/** The public half of it. */
export async function readPlatformPublicKey(dataDir: string): Promise<string> {
  return publicKeyOf(await readFile(join(dataDir, `${platformName}.key.pem`), 'utf8'));
}

/** A client's key pair; made at its first use. */
export function keptKeyPair(dataDir: string, client: string): Promise<KeyPair> {
  return keyPairAt(dataDir, `client-${encodeURIComponent(client)}`);
}

async function keyPairAt(dataDir: string, name: string): Promise<KeyPair> {
  const path = join(dataDir, `${name}.key.pem`);
  const kept = await readFile(path, 'utf8').catch(absent);
  if (kept !== undefined) return { privateKey: kept, publicKey: publicKeyOf(kept) };
  const made = await makeKeyPair();
  await writePrivate(path, made.privateKey);
  return made;
}

/** Whole or not at all, readable by its owner alone; the folder is made. */
export async function writePrivate(path: string, text: string): Promise<void> {
  await makeFolder(dirname(path), 0o777);
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(temporary, 0o600);
  await rename(temporary, path);
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
