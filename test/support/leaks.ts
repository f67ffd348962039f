/** How a secret may stand in an output. */
export const encodings = ['plain', 'base64', 'url', 'hex'] as const;

export type Encoding = (typeof encodings)[number];

/** The secret as text of one encoding. */
export function encoded(secret: string, encoding: Encoding): string {
  switch (encoding) {
    case 'plain':
      return secret;
    case 'base64':
      return Buffer.from(secret).toString('base64');
    case 'url':
      return encodeURIComponent(secret);
    case 'hex':
      return Buffer.from(secret).toString('hex');
  }
}

export interface Leak {
  readonly sink: string;
  readonly secret: string;
  readonly encoding: Encoding;
}

/** Everywhere that a secret may have gone, by name. */
export type Sinks = ReadonlyMap<string, Buffer>;

/**
 * Every place where a secret stands in one of its encodings.
 *
 * Base64 is looked for at each of the three offsets it can have inside of something longer, in both alphabets; plain
 * text also as JSON writes it; hex and percent-encoding whatever their case.
 *
 * @param secrets  names and values; the name is what a report may show
 */
export function findLeaks(sinks: Sinks, secrets: Readonly<Record<string, string>>): Leak[] {
  return [...sinks].flatMap(([sink, bytes]) => {
    const text = bytes.toString('latin1');
    const lower = text.toLowerCase();
    return Object.entries(secrets).flatMap(([secret, value]) =>
      encodings
        .filter((encoding) => needles(value, encoding).some((needle) => isIn(needle, text, lower)))
        .map((encoding): Leak => ({ sink, secret, encoding })),
    );
  });
}

interface Needle {
  readonly bytes: string;
  readonly anyCase: boolean;
}

function isIn({ bytes, anyCase }: Needle, text: string, lower: string): boolean {
  return anyCase ? lower.includes(bytes.toLowerCase()) : text.includes(bytes);
}

function needles(secret: string, encoding: Encoding): readonly Needle[] {
  const exact = (text: string): Needle => ({ bytes: latin(text), anyCase: false });
  const anyCase = (text: string): Needle => ({ bytes: latin(text), anyCase: true });
  switch (encoding) {
    case 'plain':
      return [exact(secret), exact(JSON.stringify(secret).slice(1, -1))];
    case 'base64':
      return [0, 1, 2].flatMap((offset) => {
        const core = inBase64(secret, offset);
        return [exact(core), exact(core.replaceAll('+', '-').replaceAll('/', '_'))];
      });
    case 'url':
      return [
        anyCase(encodeURIComponent(secret)),
        anyCase(new URLSearchParams({ s: secret }).toString().slice(2)),
      ];
    case 'hex':
      return [anyCase(Buffer.from(secret).toString('hex'))];
  }
}

/** UTF-8 bytes as the sinks' texts hold them. */
function latin(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** The characters of base64 that depend on the secret alone when it begins `offset` bytes into a group of three. */
function inBase64(secret: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
  const text = bytes.toString('base64').replaceAll('=', '');
  const from = offset === 0 ? 0 : offset + 1;
  const whole = Math.floor(bytes.length / 3) * 4;
  return text.slice(from, whole);
}
