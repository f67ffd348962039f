import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ReconcileError } from '../../../src/core/words/errors.ts';
import { reveal, SecretText } from '../../../src/core/words/secret-text.ts';
import { openEncrypted } from '../../../src/secrets/sops.ts';
import { fixtureFolder } from '../../support/sops-fixtures.ts';

export function fixture(name: string): string {
  return readFileSync(join(fixtureFolder, name), 'utf8');
}

function keyIn(file: string): SecretText {
  return new SecretText(/^AGE-SECRET-KEY-1.*$/m.exec(fixture(file))?.[0] ?? '');
}

export const own = keyIn('own.key');
export const other = keyIn('other.key');

export async function opened(
  name: string,
  text: string | Uint8Array = fixture(name),
  keys = [own],
) {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const values = await openEncrypted(name, bytes, keys);
  return values.map(({ key, type, text: value }) => [key, type, reveal(value)]);
}

export async function refusal(
  name: string,
  text: string | Uint8Array = fixture(name),
  keys = [own],
) {
  try {
    await opened(name, text, keys);
  } catch (error) {
    if (error instanceof ReconcileError) return error;
    throw error;
  }
  throw new Error('it was opened');
}
