import { expect, it } from 'vitest';
import { settingsKinds } from '../../../src/core/kinds/index.ts';
import { readFiles } from '../../../tools/files.ts';
import { read } from './reading.ts';

const pages = [
  ...(await readFiles('docs', /\.md$/)),
  ...[...(await readFiles('.', /^README\.md$/))],
  ...[...(await readFiles('examples', /\.md$/))],
];
const blocks = pages.flatMap(([path, text]) =>
  [...text.matchAll(/```ya?ml\n(.*?)```/gs)].map(([, yaml = ''], index) => ({
    name: `${path}, block ${index + 1}`,
    yaml,
  })),
);
const documents = blocks.flatMap(({ name, yaml }) =>
  yaml
    .split(/^---$/m)
    .flatMap((document) =>
      document.includes('apiVersion: fairlead.dev/') ? [{ name, document }] : [],
    ),
);

it('shows documents', () => {
  expect(documents.length).toBeGreaterThan(5);
});

it.each(documents)('$name is valid', ({ document }) => {
  const kind = /^kind: (\w+)/m.exec(document)?.[1] ?? '';
  const isSettings = (settingsKinds as readonly string[]).includes(kind);

  expect(read(document, isSettings ? 'settings' : 'declarations').told).toEqual([]);
});
