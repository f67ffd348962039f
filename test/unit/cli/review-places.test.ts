import { expect, it } from 'vitest';

import { withoutPlaces } from '../../../src/cli/composition/review-places.ts';

const known = ['/home/ci/_temp/a b/snapshot.yaml', '../../tmp/key.pem', undefined, '/builds/acme'];

it.each([
  {
    name: 'a place that was given, spaces and all',
    text: '/home/ci/_temp/a b/snapshot.yaml is not signed',
    expected: 'snapshot.yaml is not signed',
  },
  {
    name: 'one that was given from here',
    text: 'the key ../../tmp/key.pem cannot be read',
    expected: 'the key key.pem cannot be read',
  },
  {
    name: 'one that nobody gave',
    text: 'the key /etc/fairlead/private.pem, and (/root/x/y.yaml)',
    expected: 'the key private.pem, and (y.yaml)',
  },
  { name: 'a checkout', text: '/builds/acme holds no x', expected: 'acme holds no x' },
])('tells no folder of this machine: $name', ({ text, expected }) => {
  expect(withoutPlaces(text, known)).toBe(expected);
});

it.each([
  'give a URL like https://git.example/team/releases',
  'releases/coffee.yaml:9 and shop/tea.yaml',
  'refs/remotes/origin/main or refs/tags/origin/main',
  'reads 3/4 of it, or yes/no',
  'snapshot.yaml is not signed',
  'releases/work/coffee.yaml and /workshop',
])('leaves %s as it is', (text) => {
  expect(withoutPlaces(text, ['snapshot.yaml', undefined, '/work', '/'])).toBe(text);
});
