/*
 * Commits and tags as Git stores them, read for their signatures only. Stricter than Git: what Git would read in two
 * ways, or would leave out of what is signed without saying so, is malformed here.
 */

/** Which object ids the repository has; each has a header of its own for signatures of commits. */
export type HashName = 'sha1' | 'sha256';

/** What stands in an object in place of one signature. */
export type Signature =
  | { readonly kind: 'none' }
  /** Armored, whole. */
  | { readonly kind: 'gpg' | 'ssh'; readonly text: string }
  | { readonly kind: 'x509' | 'twice' | 'unknown' };

export interface SignedCommit {
  readonly parents: readonly string[];
  /** Name and address, as the commit says: untrusted. */
  readonly author: string;
  /** Seconds since 1970, as the committer says: untrusted. */
  readonly committedAt: number;
  readonly signature: Signature;
  /** What was signed. */
  readonly payload: Buffer;
}

export interface SignedTag {
  /** The object it names, with its type. */
  readonly object: string;
  readonly type: string;
  readonly name: string;
  readonly tagger: string;
  readonly signature: Signature;
  readonly payload: Buffer;
}

/** @returns undefined for what is no well-formed commit */
export function parseCommit(raw: Buffer, hash: HashName): SignedCommit | undefined {
  const { headers, body } = cut(raw);
  const committer = only(headers, 'committer');
  const committedAt = timeOf(committer);
  const isFormed = headers[0]?.name === 'tree' && only(headers, 'tree') !== undefined;
  if (!isFormed || committedAt === undefined) return undefined;
  const signatures = headers.filter(({ name }) => name.startsWith('gpgsig'));
  return {
    parents: headers.filter(({ name }) => name === 'parent').map(({ value }) => value),
    author: personOf(only(headers, 'author')),
    committedAt,
    signature: ofHeaders(signatures, hash === 'sha1' ? 'gpgsig' : 'gpgsig-sha256'),
    payload: Buffer.concat([
      ...headers.filter(({ name }) => !name.startsWith('gpgsig')).map(({ bytes }) => bytes),
      body,
    ]),
  };
}

/** @returns undefined for what is no well-formed tag object */
export function parseTag(raw: Buffer): SignedTag | undefined {
  const { headers, body } = cut(raw);
  const [object, type, name] = ['object', 'type', 'tag'].map((each) => only(headers, each));
  if (object === undefined || type === undefined || name === undefined) return undefined;
  const start = signatureStart(body);
  const isAlone = headers.every((header) => !header.name.startsWith('gpgsig'));
  return {
    object,
    type,
    name,
    tagger: personOf(only(headers, 'tagger')),
    signature: isAlone ? atEnd(body.subarray(start)) : { kind: 'twice' },
    payload: raw.subarray(0, raw.byteLength - body.byteLength + start),
  };
}

interface Header {
  readonly name: string;
  /** Lines after the first without the space they begin with. */
  readonly value: string;
  readonly bytes: Buffer;
}

/** The headers, and all from the empty line on. */
function cut(raw: Buffer): { readonly headers: readonly Header[]; readonly body: Buffer } {
  const headers: Header[] = [];
  let start = 0;
  while (start < raw.byteLength && raw[start] !== newline) {
    const end = headerEnd(raw, start);
    const bytes = raw.subarray(start, end);
    const [name = '', ...rest] = bytes.toString('utf8').replace(/\n$/, '').split(' ');
    headers.push({ name, value: rest.join(' ').replaceAll('\n ', '\n'), bytes });
    start = end;
  }
  return { headers, body: raw.subarray(start) };
}

const newline = 0x0a;
const space = 0x20;

/** A header goes on in lines that begin with a space. */
function headerEnd(raw: Buffer, start: number): number {
  let end = start;
  do {
    const found = raw.indexOf(newline, end);
    end = found === -1 ? raw.byteLength : found + 1;
  } while (raw[end] === space);
  return end;
}

/** The value of a header that stands there exactly once. */
function only(headers: readonly Header[], name: string): string | undefined {
  const found = headers.filter((header) => header.name === name);
  return found.length === 1 ? found[0]?.value : undefined;
}

const person = /^(.*?) (\d{1,12}) [+-]\d{4}$/;

function personOf(value: string | undefined): string {
  return person.exec(value ?? '')?.[1] ?? '';
}

function timeOf(value: string | undefined): number | undefined {
  const seconds = person.exec(value ?? '')?.[2];
  return seconds === undefined ? undefined : Number(seconds);
}

function ofHeaders(found: readonly Header[], expected: string): Signature {
  const [header, ...more] = found;
  if (!header) return { kind: 'none' };
  if (more.length > 0) return { kind: 'twice' };
  // The header of a repository with object ids of another kind.
  return header.name === expected ? ofText(header.value) : { kind: 'unknown' };
}

const armors: Readonly<Record<string, 'gpg' | 'ssh' | 'x509'>> = {
  'PGP SIGNATURE': 'gpg',
  'SSH SIGNATURE': 'ssh',
  'SIGNED MESSAGE': 'x509',
};
const armor = /^-----BEGIN ([A-Z ]+)-----\n([^]*?)\n-----END \1-----\n?$/;

/** One armored block, whole, and nothing beside it. */
function ofText(text: string): Signature {
  const [, label = '', inside = ''] = armor.exec(text) ?? [];
  const kind = Object.hasOwn(armors, label) ? armors[label] : undefined;
  if (kind === undefined || inside.includes('-----')) return { kind: 'unknown' };
  return kind === 'x509' ? { kind } : { kind, text };
}

/** Where the signature of a tag begins, as Git finds it: at the last line that begins one. */
function signatureStart(body: Buffer): number {
  const starts = Object.keys(armors).map((label) => body.lastIndexOf(`\n-----BEGIN ${label}-----`));
  const last = Math.max(...starts);
  return last === -1 ? body.byteLength : last + 1;
}

function atEnd(text: Buffer): Signature {
  return text.byteLength === 0 ? { kind: 'none' } : ofText(text.toString('utf8'));
}
