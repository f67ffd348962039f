import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ReconcileError } from '../../../src/core/words/errors.ts';
import { reveal } from '../../../src/core/words/secret-text.ts';
import { openEncrypted } from '../../../src/secrets/sops.ts';
import { fixture, own } from './opening.ts';

/** What was encrypted and may be used as a secret, by its name; undefined where the document is refused. */
async function usable(
  name: string,
  text: string,
): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const values = await openEncrypted(name, Buffer.from(text), [own]);
    const closed = values.filter(
      ({ type, inList }) => !inList && type !== 'clear' && type !== 'none',
    );
    return new Map(closed.map(({ key, text: value }) => [key, reveal(value)]));
  } catch (error) {
    if (error instanceof ReconcileError && error.code === 'SecretUnavailable') return undefined;
    throw error;
  }
}

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const pieces = fc.oneof(
  fc.constantFrom(
    '',
    '\n',
    ' ',
    '    ',
    '- ',
    '[]',
    '{}',
    'null',
    '""',
    ',',
    ':',
    '#',
    '|',
    '"',
    'sops:',
    '---\n',
    'a: b\n',
  ),
  fc.string({ maxLength: 3 }),
);

const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.record({ at: fc.nat(5000), remove: fc.nat(80), insert: pieces }),
  { minLength: 1, maxLength: 3 },
);

function edited(text: string, changes: readonly Edit[]): string {
  return changes.reduce((before, { at, remove, insert }) => {
    const start = at % before.length;
    return before.slice(0, start) + insert + before.slice(start + remove);
  }, text);
}

/** Lines in another order, some twice, some not at all. */
const shuffles = fc.array(fc.tuple(fc.nat(80), fc.nat(80)), { minLength: 1, maxLength: 2 });

function shuffled(text: string, moves: readonly (readonly [number, number])[]): string {
  const lines = text.split('\n');
  for (const [from, to] of moves) {
    const [line = ''] = lines.splice(from % lines.length, 1);
    lines.splice(to % (lines.length + 1), 0, line);
  }
  return lines.join('\n');
}

describe('whatever is done to a document, it is refused or still says the same', () => {
  it.each(['everything.enc.yaml', 'everything.enc.json', 'mac-only-encrypted.enc.yaml'])(
    '%s',
    async (name) => {
      const text = fixture(name);
      const original = await usable(name, text);
      let refused = 0;
      const holds = async (changed: string): Promise<void> => {
        const values = await usable(name, changed);
        if (values === undefined) refused += 1;
        else expect([...values]).toEqual([...(original ?? [])]);
      };

      await fc.assert(
        fc.asyncProperty(edits, (changes) => holds(edited(text, changes))),
        { numRuns: 300 },
      );
      await fc.assert(
        fc.asyncProperty(shuffles, (moves) => holds(shuffled(text, moves))),
        { numRuns: 150 },
      );

      expect(refused, 'most of it is refused').toBeGreaterThan(200);
    },
  );

  it('and any bytes at all are refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom('a.yaml', 'a.json', 'a'),
        async (bytes, name) => {
          await expect(openEncrypted(name, bytes, [own])).rejects.toMatchObject({
            code: 'SecretUnavailable',
          });
        },
      ),
      { numRuns: 300 },
    );
  });
});
