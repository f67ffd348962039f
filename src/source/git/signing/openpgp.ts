/*
 * Detached OpenPGP signatures, made into messages: gpg verifies any number of messages in one process, but detached
 * signatures only one by one. The packets are framed anew here, so that a signature brings nothing but itself.
 */

const binaryDocument = 0x00;

/**
 * A message of a signature packet and the data it signs (RFC 9580, 10.3: a prefixed signature).
 *
 * @param armored  one whole armored block
 * @returns undefined unless the block holds exactly one signature packet, of version 4, over a binary document
 */
export function signedMessage(armored: string, data: Uint8Array): Buffer | undefined {
  const signature = packetBody(dearmored(armored));
  if (signature?.[0] !== 4 || signature[1] !== binaryDocument) return undefined;
  // Binary, without a file name and without a date.
  const literal = Buffer.concat([Buffer.from([0x62, 0, 0, 0, 0, 0]), data]);
  return Buffer.concat([packet(tags.signature, signature), packet(tags.literal, literal)]);
}

const tags = { signature: 2, literal: 11 } as const;

function dearmored(text: string): Buffer {
  const lines = text.split('\n');
  const empty = lines.findIndex((line) => line.trim() === '');
  const encoded = lines.slice(empty + 1).filter((line) => /^[A-Za-z0-9+/]+={0,2}\s*$/.test(line));
  return Buffer.from(encoded.join(''), 'base64');
}

/** The content of the one packet there is, if that is a signature. */
function packetBody(bytes: Buffer): Buffer | undefined {
  const header = headerOf(bytes);
  const fills = header !== undefined && header.start + header.length === bytes.byteLength;
  return fills && header.tag === tags.signature ? bytes.subarray(header.start) : undefined;
}

interface Header {
  readonly tag: number;
  readonly start: number;
  readonly length: number;
}

/** RFC 9580, 4.2; lengths that are indeterminate or partial are not read. */
function headerOf(bytes: Buffer): Header | undefined {
  const first = bytes[0];
  if (first === undefined || bytes.byteLength < 6 || first < 0x80) return undefined;
  return first >= 0xc0 ? newHeader(bytes, first & 0x3f) : oldHeader(bytes, first);
}

function newHeader(bytes: Buffer, tag: number): Header | undefined {
  const octet = bytes.readUInt8(1);
  if (octet < 192) return { tag, start: 2, length: octet };
  if (octet < 224)
    return { tag, start: 3, length: ((octet - 192) << 8) + bytes.readUInt8(2) + 192 };
  return octet === 255 ? { tag, start: 6, length: bytes.readUInt32BE(2) } : undefined;
}

function oldHeader(bytes: Buffer, first: number): Header | undefined {
  const size = [1, 2, 4][first & 3];
  if (size === undefined) return undefined;
  return { tag: (first >> 2) & 0xf, start: 1 + size, length: bytes.readUIntBE(1, size) };
}

function packet(tag: number, body: Buffer): Buffer {
  const head = Buffer.from([0xc0 | tag, 0xff, 0, 0, 0, 0]);
  head.writeUInt32BE(body.byteLength, 2);
  return Buffer.concat([head, body]);
}
