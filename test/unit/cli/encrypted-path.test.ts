import { describe, expect, it } from 'vitest';
import { withinPath } from '../../../src/cli/composition/encrypted-documents.ts';

const bytes = new Uint8Array([1]);
const sources = [
  { name: 'team', spec: { path: './releases/' } },
  { name: 'whole', spec: {} },
];
const find = withinPath(sources, (_, file) => (file.includes('there') ? bytes : undefined));

describe('withinPath', () => {
  it.each([
    { name: 'what is there', source: 'team', file: 'releases/there.yaml', found: bytes },
    { name: 'what is not there', source: 'team', file: 'releases/keys.yaml', found: undefined },
    { name: 'any path of a whole one', source: 'whole', file: 'keys.yaml', found: undefined },
    { name: 'plain files', source: 'cli', file: 'keys.yaml', found: undefined },
  ])('finds $name as before', ({ source, file, found }) => {
    expect(find(source, file)).toBe(found);
  });

  it.each(['secrets/keys.yaml', 'releases-old/keys.yaml', 'releases'])(
    'says of %s that it lies outside',
    (file) => {
      expect(() => find('team', file)).toThrow(
        expect.objectContaining({
          code: 'SecretUnavailable',
          message: `encrypted document ${file} lies outside path releases of source team`,
        }),
      );
    },
  );
});
