import { ReconcileError } from '../../../core/words/errors.ts';

/*
 * The administrator's allowed signers (ssh-keygen(1), ALLOWED SIGNERS), and what an SSH signature says of itself
 * (PROTOCOL.sshsig of OpenSSH).
 */

/** A key that may sign. */
export interface AllowedSigner {
  /** The principals of the line, for people. */
  readonly name: string;
  /** `namespaces="git",valid-before="20270101"` and the like; empty where there are none. */
  readonly options: string;
  readonly keyType: string;
  /** Base64. */
  readonly key: string;
}

/** @throws ReconcileError `SettingsInvalid` names the first line that is not understood: none is passed over */
export function parseAllowedSigners(text: string): readonly AllowedSigner[] {
  const lines = text.split(/\r?\n/).map((line, index) => ({ line: line.trim(), index }));
  const signers = lines
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, index }) => parseLine(line, index + 1));
  if (signers.length === 0) throw invalid('names nobody');
  return signers;
}

const word = /(?:"[^"]*"|[^\s"])+/g;
const keyTypes = /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)|sk-[a-z0-9-]+@openssh\.com)$/;
const option = /^(namespaces="[^"]*"|valid-(after|before)="?\d{8}(\d{4}(\d{2})?)?Z?"?)$/i;

function parseLine(line: string, number: number): AllowedSigner {
  const words = line.match(word) ?? [];
  // Before the key stand the principals and, if there are any, the options.
  const at = words.findIndex((each) => keyTypes.test(each));
  const [keyType = '', key = ''] = words.slice(at);
  if ((at !== 1 && at !== 2) || !isKey(key, keyType)) {
    throw invalid(`cannot be read in line ${number}`);
  }
  const name = (words[0] ?? '').replaceAll('"', '');
  const options = at === 2 ? (words[1] ?? '') : '';
  refuseOptions(options, number);
  return { name, options, keyType, key };
}

function refuseOptions(options: string, number: number): void {
  const each = options.match(/(?:"[^"]*"|[^,"])+/g) ?? [];
  if (each.some((part) => part.toLowerCase() === 'cert-authority')) {
    throw invalid(`names a certificate authority in line ${number}, which is not supported`);
  }
  if (!each.every((part) => option.test(part))) {
    throw invalid(`has an unknown option in line ${number}`);
  }
}

/** A key is a row of strings that fills it; the first is its type. */
function isKey(text: string, keyType: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) return false;
  if (readString(bytes, 0)?.toString() !== keyType) return false;
  let offset = 0;
  while (offset < bytes.byteLength) {
    const part = readString(bytes, offset);
    if (!part) return false;
    offset += 4 + part.byteLength;
  }
  return true;
}

function invalid(what: string): ReconcileError {
  return new ReconcileError('SettingsInvalid', `allowedSigners of the signature policy ${what}`, {
    nextStep: 'give lines such as: name@example.com namespaces="git" ssh-ed25519 AAAA...',
  });
}

/** What an SSH signature says of itself; ssh-keygen says whether it is true. */
export interface SshSignature {
  /** Base64, as in an allowed signers file. */
  readonly key: string;
  readonly namespace: string;
}

/** @returns undefined for what is no SSH signature */
export function parseSshSignature(armored: string): SshSignature | undefined {
  const inside = armored.split('\n').filter((line) => !line.startsWith('-----'));
  const bytes = Buffer.from(inside.join(''), 'base64');
  if (bytes.toString('latin1', 0, magic.length) !== magic || bytes.byteLength < 14)
    return undefined;
  if (bytes.readUInt32BE(magic.length) !== 1) return undefined;
  const key = readString(bytes, magic.length + 4);
  const namespace = key && readString(bytes, magic.length + 4 + 4 + key.byteLength);
  if (!key || !namespace) return undefined;
  return { key: key.toString('base64'), namespace: namespace.toString('utf8') };
}

const magic = 'SSHSIG';

function readString(bytes: Buffer, offset: number): Buffer | undefined {
  if (bytes.byteLength < offset + 4) return undefined;
  const end = offset + 4 + bytes.readUInt32BE(offset);
  return end <= bytes.byteLength ? bytes.subarray(offset + 4, end) : undefined;
}
