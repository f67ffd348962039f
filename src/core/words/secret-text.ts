const inspect = Symbol.for('nodejs.util.inspect.custom');

/**
 * A secret value that cannot be printed: string conversion, JSON and inspection all give `(secret)`.
 *
 * Only `reveal` opens it. Lint allows that function where a value enters or leaves the process.
 */
export class SecretText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether the secret is exactly this public text. */
  equals(text: string): boolean {
    return this.#text === text;
  }

  toString(): string {
    return '(secret)';
  }

  toJSON(): string {
    return '(secret)';
  }

  [inspect](): string {
    return '(secret)';
  }

  /** @internal for `reveal` alone */
  static open(secret: SecretText): string {
    return secret.#text;
  }
}

/** The secret in clear. For request bodies and digests only; never for anything a person or a log can read. */
export function reveal(secret: SecretText): string {
  return SecretText.open(secret);
}
