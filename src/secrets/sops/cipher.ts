import { createDecipheriv } from 'node:crypto';
import { Unreadable } from './tree.ts';

/** A value as sops encrypts it. `type` is not protected: it tells comments from values and nothing more. */
export interface Sealed {
  readonly data: Buffer;
  readonly iv: Buffer;
  readonly tag: Buffer;
  readonly type: string;
}

const form =
  /^ENC\[AES256_GCM,data:([A-Za-z0-9+/]*={0,2}),iv:([A-Za-z0-9+/]+={0,2}),tag:([A-Za-z0-9+/]+={0,2}),type:([a-z]+)\]$/;
const types = new Set(['str', 'int', 'float', 'bool', 'bytes', 'time', 'comment']);
const tagBytes = 16;

/**
 * The parts of an encrypted value; undefined for any other text.
 *
 * @throws Unreadable where it begins like one and is none
 */
export function sealed(text: string): Sealed | undefined {
  if (!text.startsWith('ENC[AES256_GCM,')) return undefined;
  const [, data = '', iv = '', tag = '', type = ''] = form.exec(text) ?? [];
  const parts = { data: bytes(data), iv: bytes(iv), tag: bytes(tag), type };
  // A shorter tag could be guessed.
  if (parts.tag.byteLength === tagBytes && types.has(type)) return parts;
  throw new Unreadable('one of its encrypted values is damaged');
}

function bytes(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}

/**
 * The bytes that were encrypted.
 *
 * @param bound  what they were bound to: their path, or the time of the last change
 * @returns undefined where key, binding or bytes are not the ones of encryption
 */
export function unseal(
  { data, iv, tag }: Sealed,
  key: Uint8Array,
  bound: string,
): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(bound, 'utf8'));
  decipher.setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(data), decipher.final()]);
  } catch {
    return undefined;
  }
}
