import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { linesOf } from '../../../src/core/render/problems.ts';
import { reviewMarkdown } from '../../../src/core/render/review-markdown.ts';
import { statusesOf } from '../../../src/core/render/review-notes.ts';
import { resolve } from '../../../src/core/resolve/resolve.ts';
import { createLocate } from '../../../src/core/yaml/locate.ts';
import { freshProblems } from '../../../src/review/fresh-problems.ts';
import { touchedErrors } from '../../../src/review/touched-errors.ts';
import { documentsOf } from '../../../src/source/files.ts';
import { root } from '../../../tools/files.ts';
import { reviewOf } from '../../support/review.ts';

type Files = Readonly<Record<string, string>>;

const header = 'apiVersion: fairlead.dev/v1alpha1\n';
const program = (more: string, id = 'id: "3500020208396321"') =>
  `${header}kind: MiniProgram\nmetadata: { name: coffee }\nspec:\n  workspace: acme\n  ${id}\n  ${more}\n`;
const release = (merchant: string, more = 'version: 2.5.0') => `${header}kind: MiniProgramRelease
metadata: { name: coffee-2.5.0 }
spec:
  miniProgram: coffee
  ${more}
  targets:
    - { app: megapay, environment: Production, config: { merchantId: ${merchant} } }
`;
const standing = (merchant: string) =>
  program(
    `targets: [{ app: megapay, environment: Production, config: { merchantId: ${merchant} } }]`,
  );
const everywhere = `${header}kind: MiniProgramRelease
metadata: { name: coffee-2.5.0 }
spec: { miniProgram: coffee, version: 2.5.0, environments: [Production], nonsense: 1 }
`;
const rival = release('M-1').replace('name: coffee-2.5.0', 'name: rival');
const brokenProgram = program('nonsense: 1');
const profile = (more: string) =>
  `${header}kind: ConfigProfile\nmetadata: { name: shared }\nspec: { ${more} }\n`;
const withProfile = (merchant: string) =>
  release(merchant).replace('targets:', 'profiles: [shared]\n  targets:');

function declared(files: Files) {
  const sources = [
    documentsOf(
      Object.entries(files).map(([file, text]) => ({
        ...({ kind: 'bytes', file, bytes: Buffer.from(text) } as const),
      })),
      { source: 'cli' },
    ),
  ];
  const locate = createLocate(
    sources.flatMap(({ documents, invalid }) => [...documents, ...invalid]),
  );
  const { programs, problems } = resolve(sources, { order: [] }, locate);
  const all = [...sources.flatMap((source) => source.problems), ...problems];
  return { sources, programs, locate, problems: all, lineOf: linesOf(sources) };
}

function judged(before: Files, changes: Files) {
  const after = { ...before, ...changes };
  const touched = new Set(Object.keys(changes).filter((file) => after[file] !== before[file]));
  const [base, merged] = [declared(before), declared(after)];
  return freshProblems(base, merged, touchedErrors(touched, merged));
}

describe('an error that the base has too', () => {
  it.each([
    {
      ...{ name: 'takes out the release that is changed', why: 'nobody can say what it will do' },
      before: { 'p.yaml': brokenProgram, 'r.yaml': release('M-77') },
      changes: { 'r.yaml': release('M-88') },
      fresh: ['unknown-field', 'reference-invalid'],
    },
    {
      ...{ name: 'hides which program is meant', why: 'then nothing is claimed at all' },
      before: { 'p.yaml': program('', 'id: {}'), 'r.yaml': release('M-77') },
      changes: { 'r.yaml': release('M-88') },
      fresh: ['reference-invalid'],
    },
    {
      ...{
        name: 'stands in the file that is changed',
        why: 'its other lines are in force in no case',
      },
      before: {
        'p.yaml': program(''),
        'r.yaml': release('M-77', 'version: 2.5.0\n  nonsense: 1'),
      },
      changes: { 'r.yaml': release('M-88', 'version: 2.5.0\n  nonsense: 1') },
      fresh: ['unknown-field'],
    },
    {
      ...{
        name: 'stands in a file that is no YAML',
        why: 'nothing smaller than the file is known',
      },
      before: { 'p.yaml': program(''), 'r.yaml': 'a: [\n' },
      changes: { 'r.yaml': 'a: [\n# more\n' },
      fresh: 'any',
    },
    {
      ...{ name: 'is a claim that another file makes too', why: 'neither is applied' },
      before: { 'p.yaml': program(''), 'r.yaml': release('M-77'), 's.yaml': rival },
      changes: { 'r.yaml': release('M-88') },
      fresh: ['duplicate-claim'],
    },
    {
      ...{ name: 'is of the profile that is changed', why: 'whoever names it is taken out' },
      before: {
        'p.yaml': program(''),
        'c.yaml': profile('nonsense: 1'),
        'r.yaml': withProfile('M-77'),
      },
      changes: { 'c.yaml': profile('nonsense: 1, config: { merchantId: M-9 }') },
      fresh: 'any',
    },
    {
      ...{ name: 'takes out a release of the target that is changed', why: 'it is claimed there' },
      before: { 'p.yaml': standing('M-77'), 'r.yaml': everywhere },
      changes: { 'p.yaml': standing('M-88') },
      fresh: ['unknown-field'],
    },
    {
      ...{ name: 'stands elsewhere', why: 'nobody is blamed for what was there before' },
      before: {
        'p.yaml': program(''),
        'r.yaml': release('M-77'),
        'old.yaml': brokenProgram.replace('coffee', 'tea').replace('6321', '6322'),
      },
      changes: { 'r.yaml': release('M-88') },
      fresh: [],
    },
    {
      ...{ name: 'takes out what is not changed', why: 'a sibling of it may be' },
      before: {
        'p.yaml': program(''),
        'r.yaml': release('M-77'),
        'sibling.yaml': release('M-1', 'version: 2.6.0\n  nonsense: 1').replace('-2.5.0', '-2.6.0'),
      },
      changes: { 'r.yaml': release('M-88') },
      fresh: [],
    },
  ])('$name: $why', ({ before, changes, fresh, why }) => {
    const found = judged(before, changes);

    const rules = found.fresh.map(({ rule }) => rule);
    if (fresh === 'any') expect(rules.length, why).toBeGreaterThan(0);
    else expect(rules, why).toEqual(fresh);
  });

  it('is not one that the repository alone made of a warning', () => {
    const isInTheWay = touchedErrors(new Set(['r.yaml']), declared({ 'r.yaml': release('M-88') }));
    const origin = { file: 'r.yaml', line: 1, column: 1 };
    const problem = { severity: 'error', message: 'wrong', origin } as const;

    expect(isInTheWay({ ...problem, rule: 'domain-ip' })).toBe(false);
    expect(isInTheWay({ ...problem, rule: 'unknown-field' })).toBe(true);
  });

  it('turns the verdict red, and the comment names it', async () => {
    const { fresh, older } = judged(
      { 'p.yaml': brokenProgram, 'r.yaml': release('M-77') },
      { 'r.yaml': release('M-88') },
    );
    const review = reviewOf(
      {},
      { problems: { fresh, older: { errors: older.length, warnings: 0 } } },
    );

    expect(statusesOf(review, []).map(({ context, state }) => `${context} ${state}`)).toEqual([
      'fairlead/plan failure',
    ]);
    await expect(reviewMarkdown(review)).toMatchFileSnapshot(
      join(root, 'test', 'fixtures', 'review', 'invalid-before.md'),
    );
  });
});
