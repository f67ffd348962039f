import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DocumentId } from '../../../src/core/words/places.ts';
import type { AnyDocument } from '../../../src/core/model/documents.ts';
import { createLocate } from '../../../src/core/yaml/locate.ts';
import { parseFile } from '../../../src/core/yaml/parse.ts';
import { positionsIn } from '../../../src/core/yaml/text.ts';

const text = `# yaml-language-server: $schema=fairlead.json
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: coffee, labels: { a/b: "x", c~d: y } }
spec:
  workspace: acme
  id: "3500020208396321"
  globalConfig:
    serverDomains:
    - https://api.acme.example
    -   https://cdn.acme.example # with a comment
    merchantId: |
      M-77
  targets:
    - { app: megapay, environment: Sandbox, config: { testers: ["1", "2"] } }
---
---
apiVersion: fairlead.dev/v1alpha1
kind: ConfigProfile
metadata:
  name: qa
spec: {}
`;

function placed(content: string) {
  const bytes = new TextEncoder().encode(content);
  const { documents, invalid } = parseFile(
    { source: 'cli', file: 'shop.yaml', bytes, commit: 'abc' },
    'declarations',
  );
  return createLocate([...documents, ...invalid]);
}

describe('createLocate', () => {
  const locate = placed(text);

  it.each([
    { pointer: '', line: 2, column: 1, why: 'the document begins after its comment' },
    { pointer: '/kind', line: 3, column: 7, why: 'a value, not its key' },
    { pointer: '/metadata', line: 4, column: 11, why: 'the bracket' },
    { pointer: '/metadata/name', line: 4, column: 19, why: 'a value in brackets' },
    { pointer: '/metadata/labels/a~1b', line: 4, column: 42, why: 'a slash in a key' },
    { pointer: '/metadata/labels/c~0d', line: 4, column: 52, why: 'a tilde in a key' },
    { pointer: '/spec', line: 6, column: 3, why: 'a block begins with its first key' },
    { pointer: '/spec/id', line: 7, column: 7, why: 'the quote' },
    { pointer: '/spec/globalConfig/serverDomains', line: 10, column: 5, why: 'the first dash' },
    { pointer: '/spec/globalConfig/serverDomains/0', line: 10, column: 7, why: 'an entry' },
    {
      pointer: '/spec/globalConfig/serverDomains/1',
      line: 11,
      column: 9,
      why: 'more spaces after the dash',
    },
    {
      pointer: '/spec/globalConfig/merchantId',
      line: 12,
      column: 17,
      why: 'a block of text begins with its mark',
    },
    { pointer: '/spec/targets/0/config/testers/1', line: 15, column: 70, why: 'deep in brackets' },
    {
      pointer: '/spec/targets/0/config/wapUrls',
      line: 15,
      column: 53,
      why: 'the nearest parent of what is missing',
    },
    {
      pointer: '/spec/targets/7/app',
      line: 15,
      column: 5,
      why: 'the list, where the entry is missing',
    },
    { pointer: '/status', line: 2, column: 1, why: 'the document, where nothing is found' },
  ])('$pointer is at $line:$column', ({ pointer, line, column, why }) => {
    const document = 'cli|shop.yaml#0' as DocumentId;

    expect(locate({ document, pointer }), why).toEqual({
      file: 'shop.yaml',
      line,
      column,
      commit: 'abc',
    });
  });

  it('counts empty documents of the stream', () => {
    const place = { document: 'cli|shop.yaml#2' as DocumentId, pointer: '/metadata/name' };

    expect(locate(place)).toEqual({ file: 'shop.yaml', line: 21, column: 9, commit: 'abc' });
  });

  it('finds its way through a document that is invalid', () => {
    const broken = placed(text.replace('MiniProgram', 'MiniProgramRelease'));

    expect(
      broken({ document: 'cli|shop.yaml#0' as DocumentId, pointer: '/spec/id' }),
    ).toMatchObject({ line: 7 });
  });

  it('names the object of a document that is no file', () => {
    const [document] = parseFile(
      { source: 'shop', file: 'a.yaml', bytes: new TextEncoder().encode(text) },
      'declarations',
    ).documents;
    const object = {
      ...document,
      namespace: 'shop',
      origin: { kind: 'object', generation: 4 },
    } as AnyDocument;

    expect(createLocate([object])({ document: object.id, pointer: '/spec' })).toEqual({
      object: { kind: 'ConfigProfile', namespace: 'shop', name: 'qa', generation: 4 },
      path: '/spec',
    });
  });
});

describe('positionsIn', () => {
  it('agrees with splitting the text into lines', () => {
    const any = fc.string({
      unit: fc.constantFrom('a', 'é', '👩', '\n', '\r\n', ' '),
      maxLength: 40,
    });
    fc.assert(
      fc.property(any, fc.nat(), (content, seed) => {
        const offset = seed % (content.length + 1);
        const lines = content.slice(0, offset).split('\n');

        expect(positionsIn(content)(offset)).toEqual({
          line: lines.length,
          column: (lines.at(-1)?.length ?? 0) + 1,
        });
      }),
    );
  });
});
