import { describe, expect, it } from 'vitest';

import type { DesiredProgram } from '../../../src/core/model/desired.ts';
import { reviewMarkdown } from '../../../src/core/render/review-markdown.ts';
import { resolve } from '../../../src/core/resolve/resolve.ts';
import { parseFile } from '../../../src/core/yaml/parse.ts';
import { createLocate } from '../../../src/core/yaml/locate.ts';
import { overlapsOf } from '../../../src/review/claims.ts';
import { touchedPrograms } from '../../../src/review/pairs.ts';
import { storyReview } from './story.ts';

const head = `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: coffee }
spec:
  workspace: acme
  id: "3500020208396321"
`;
const base = `${head}${release('2.4.0', 'M-77')}`;

function release(version: string, merchant: string, app = 'megapay'): string {
  return `---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: coffee-${version}-${app} }
spec:
  miniProgram: coffee
  version: ${version}
  targets:
    - { app: ${app}, environment: Production, config: { merchantId: ${merchant} } }
`;
}

function declared(text: string): readonly DesiredProgram[] {
  const bytes = Buffer.from(text);
  const {
    documents,
    invalid = [],
    problems,
  } = parseFile({ source: 'cli', file: 'a.yaml', bytes }, 'declarations');
  expect(problems).toEqual([]);
  const sources = [
    { source: 'cli', documents, invalid, problems, complete: true, since: undefined },
  ] as never;
  return resolve(sources, { order: [] }, createLocate([...documents])).programs;
}

function pairs(text: string, from = base) {
  return touchedPrograms(declared(from), declared(text));
}

const global = (domain: string): string =>
  `${head}  globalConfig: { serverDomains: ["https://${domain}.acme.example"] }\n${release('2.4.0', 'M-77')}`;

describe('claims of two open pull requests', () => {
  it.each([
    {
      name: 'the same new release, with one value',
      why: 'two claims are an error, equal or not',
      ours: base + release('2.5.0', 'M-1'),
      theirs: base + release('2.5.0', 'M-1'),
      expected: [{ kind: 'claim', fields: [] }],
    },
    {
      name: 'new releases of other apps',
      why: 'they are two records',
      ours: base + release('2.5.0', 'M-1'),
      theirs: base + release('2.5.0', 'M-1', 'rapipay'),
      expected: [],
    },
    {
      name: 'one field, two values',
      why: 'the last merge would win in silence',
      ours: base.replace('M-77', 'M-88'),
      theirs: base.replace('M-77', 'M-99'),
      expected: [{ kind: 'fields', fields: ['merchantId'] }],
    },
    {
      name: 'one field, one value',
      why: 'they agree',
      ours: base.replace('M-77', 'M-88'),
      theirs: base.replace('M-77', 'M-88'),
      expected: [],
    },
    {
      name: 'one changes what the other one drops',
      why: 'no value is another value',
      ours: base.replace('M-77', 'M-88'),
      theirs: base.replace('config: { merchantId: M-77 }', 'config: { clientId: "1" }'),
      expected: [{ kind: 'fields', fields: ['merchantId'] }],
    },
    {
      name: 'a first global configuration, twice',
      why: 'it is a claim like a release',
      ours: global('api'),
      theirs: global('cdn'),
      expected: [{ kind: 'claim', fields: [] }],
    },
    {
      name: 'nothing in common',
      why: 'most pull requests have nothing to do with each other',
      ours: base.replace('M-77', 'M-88'),
      theirs: base + release('2.5.0', 'M-1'),
      expected: [],
    },
  ])('$name: $why', ({ ours, theirs, expected }) => {
    const found = overlapsOf(pairs(ours), pairs(theirs), 12);

    expect(found.map(({ kind, fields }) => ({ kind, fields }))).toEqual(expected);
    expect(found.every(({ pull }) => pull === 12)).toBe(true);
  });

  it('stand in the comment by number, with no value of theirs', () => {
    const overlaps = overlapsOf(
      pairs(base.replace('M-77', 'M-88')),
      pairs(base.replace('M-77', 'M-99')),
      12,
    );
    const text = reviewMarkdown(
      storyReview({ others: { overlaps, isListed: true, unread: [14], left: 0 } }),
    );

    expect(text).toContain('pull request 12 changes `merchantId` of `2.4.0` on `megapay`');
    expect(text).toContain('1 other pull request could not be read (14)');
    expect(text).not.toContain('M-99');
    expect(text).not.toMatch(/#\d/);
  });
});
