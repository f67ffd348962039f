import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import { parseMoment } from '../resolve/moment.ts';
import { type EpochMs, isoTime } from '../words/time.ts';

/** Who made a snapshot, and when: what its last line says. */
export interface SnapshotSeal {
  readonly time: EpochMs;
  /** Whose declarations it was taken for; undefined where there was no repository. */
  readonly commit: string | undefined;
}

export type SnapshotVerdict =
  | ({ readonly kind: 'signed' } & SnapshotSeal)
  | { readonly kind: 'unsigned' }
  /** Something in it is other than what was signed, or another key signed it. */
  | { readonly kind: 'refused' };

const sealPattern =
  /^# fairlead-signature v=1 time=(\S{20,30}) commit=(-|[0-9a-f]{40}|[0-9a-f]{64}) key=([0-9a-f]{16}) ed25519=([A-Za-z0-9_-]{86})\n$/;
const sealStart = '# fairlead-signature ';

/**
 * The text with a last line that proves who wrote it: a comment to YAML, so that a snapshot is read as before.
 *
 * @param key  a private key of type Ed25519
 * @param text  ends with a line feed and is not signed
 * @see RFC 8032
 */
export function sealed(text: string, { time, commit }: SnapshotSeal, key: KeyObject): string {
  const seal = { time: isoTime(time), commit: commit ?? '-' };
  const signature = sign(null, message(Buffer.from(text), seal), key).toString('base64url');
  const fields = `time=${seal.time} commit=${seal.commit} key=${keyId(key)} ed25519=${signature}`;
  return `${text}${sealStart}v=1 ${fields}\n`;
}

/**
 * Judges the last line of a snapshot by the bytes before it. Nothing else of the file is looked at.
 *
 * @param key  a public key of type Ed25519
 */
export function sealOf(bytes: Uint8Array, key: KeyObject): SnapshotVerdict {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = file.lastIndexOf(`\n${sealStart}`) + 1;
  if (start === 0) return { kind: 'unsigned' };
  const [whole, time = '', commit = '', , signature = ''] =
    sealPattern.exec(file.subarray(start).toString('latin1')) ?? [];
  const moment = parseMoment(time);
  if (whole === undefined || moment === undefined) return { kind: 'refused' };
  const signed = message(file.subarray(0, start), { time, commit });
  if (!verify(null, signed, key, Buffer.from(signature, 'base64url'))) return { kind: 'refused' };
  return { kind: 'signed', time: moment, commit: commit === '-' ? undefined : commit };
}

/** Nothing else that this key may sign begins like it. */
function message(
  text: Uint8Array,
  { time, commit }: { readonly time: string; readonly commit: string },
): Buffer {
  return Buffer.concat([Buffer.from(`fairlead snapshot v1\n${time}\n${commit}\n`), text]);
}

/** For people who look for the key that fits; the signature alone decides. */
function keyId(key: KeyObject): string {
  const raw = key.export({ format: 'jwk' }).x ?? '';
  return createHash('sha256').update(raw).digest('hex').slice(0, 16);
}
