import { expect, it } from 'vitest';

import { parseFile } from '../../../src/core/yaml/parse.ts';
import { releasesAtMost } from '../../../src/review/expansion.ts';

const program = (
  name: string,
  targets: number,
  more = '',
): string => `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: ${name} }
spec:
  workspace: acme
  id: "3500020208396321"
  ${more}targets: [${Array.from({ length: targets }, (_, i) => `{ app: a${String(i)}, environment: Production }`).join(', ')}]
`;
const release = (of: string, spec: string): string => `---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: r }
spec: { miniProgram: ${of}, version: 2.4.0, ${spec} }
`;
const selects = 'environments: [Production]';
const own = 'targets: [{ app: b, environment: Test }]';

it.each([
  { name: 'none', why: 'nothing is claimed', text: program('p', 3), expected: 0 },
  {
    name: 'selected',
    why: 'each target once',
    text: program('p', 3) + release('p', selects),
    expected: 3,
  },
  {
    name: 'its own',
    why: 'nothing is selected',
    text: program('p', 3) + release('p', own),
    expected: 1,
  },
  {
    name: 'both, twice',
    why: 'they add up',
    text: program('p', 3) + release('p', `${selects}, ${own}`).repeat(2),
    expected: 8,
  },
  {
    name: 'of an invalid program',
    why: 'what is invalid keeps its claims',
    text: program('p', 3, 'unknown: 1\n  ') + release('p', selects),
    expected: 3,
  },
  { name: 'of a program that is not there', why: '', text: release('q', selects), expected: 0 },
  {
    name: 'of two programs of one name',
    why: 'whichever counts, it is no more than both',
    text: `${program('p', 3)}---\n${program('p', 4)}${release('p', selects)}`,
    expected: 7,
  },
])('release keys at most: $name', ({ text, expected, why }) => {
  const bytes = Buffer.from(text);
  const { documents, invalid, problems } = parseFile(
    { source: 'cli', file: 'a.yaml', bytes },
    'declarations',
  );

  const found = releasesAtMost([{ source: 'cli', documents, invalid, problems, complete: true }]);

  expect(found, why).toBe(expected);
});
