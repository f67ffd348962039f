import { describe, expect, it } from 'vitest';

import { coffee } from '../../support/cli-world.ts';
import { somePull } from '../../support/forge-memory.ts';
import { reviewStage, type ReviewStage } from '../../support/review-stage.ts';

const paid = coffee.replace('merchantId: M-77 }', 'merchantId: M-88 }');

type Files = Readonly<Record<string, string>>;

/** Pull request 7 changes who gets paid; the others, numbered from 8, are strangers'. */
async function stageWith(others: readonly Files[]): Promise<ReviewStage> {
  const found = await reviewStage({ 'coffee.yaml': coffee });
  const own = await found.push(7, { 'coffee.yaml': paid });
  found.memory.set({ head: { branch: 'topic', commit: own } });
  for (const [i, files] of others.entries()) {
    const number = 8 + i;
    const commit = await found.push(number, files);
    const fetchRef = `refs/pull/${String(number)}/head`;
    found.memory.others.push({ ...somePull, number, fetchRef, head: { branch: 'x', commit } });
  }
  return found;
}

async function othersOf(found: ReviewStage) {
  const result = await found.review();
  if (result.kind !== 'reviewed') throw new Error(result.message);
  return result.review.others;
}

/** Much text that is cheap to write and takes long to parse; no two alike. */
function dense(i: number): Files {
  const text = `a: [${'[],'.repeat(9_500)}]\n`;
  return Object.fromEntries(
    Array.from({ length: 60 }, (_, j) => [
      `x${String(j)}.yaml`,
      `# ${String(i)} ${String(j)}\n${text}`,
    ]),
  );
}

/** 250 standing targets, and 2,000 releases that select all of them: 500,000 release keys in 300 kB. */
function multiplied(i: number): Files {
  const targets = Array.from(
    { length: 250 },
    (_, k) => `    - { app: a${String(k)}, environment: Production }`,
  );
  const program = `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: p${String(i)} }
spec:
  workspace: acme
  id: "35000202083963${String(10 + i)}"
  targets:
${targets.join('\n')}
`;
  const release = (j: number, k: number): string => `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: r${String(i)}-${String(j)}-${String(k)} }
spec: { miniProgram: p${String(i)}, version: 1.${String(j)}.${String(k)}, environments: [Production] }
`;
  const files = Array.from({ length: 10 }, (_, j): [string, string] => [
    `r${String(j)}.yaml`,
    Array.from({ length: 200 }, (_, k) => release(j, k)).join('---\n'),
  ]);
  return { 'program.yaml': program, ...Object.fromEntries(files) };
}

describe('other pull requests that cost much to read', () => {
  it.each([
    { name: 'megabytes of brackets', files: dense, why: 'parsing them takes seconds' },
    { name: 'few lines that multiply', files: multiplied, why: 'resolving them takes minutes' },
  ])('$name: named, not read, and the others are compared all the same', async ({ files }) => {
    const wanting = { 'coffee.yaml': paid.replace('M-88', 'M-99') };
    const found = await stageWith([files(0), wanting, files(1), files(2)]);

    const others = await othersOf(found);

    expect(others).toMatchObject({
      ...{ isListed: true, unread: [], tooLarge: [8, 10, 11], left: 0 },
      overlaps: [{ pull: 9, kind: 'fields', fields: ['merchantId'] }],
    });
    expect(found.memory.comments[0]?.body).toContain(
      '- 3 other pull requests left out as too large to compare (8, 10, 11)',
    );
    expect(found.log.filter((line) => line.includes('too large'))).toHaveLength(3);
  });

  it('many that cost little each: as many as the budget holds, the rest is named', async () => {
    const some = (i: number): Files =>
      Object.fromEntries(
        Object.entries(dense(i))
          .slice(0, 12)
          .map(([name, text]) => [name, text]),
      );
    const found = await stageWith([some(0), some(1), some(2), some(3)]);

    const others = await othersOf(found);

    expect(others?.unread).toEqual([]);
    expect(others?.tooLarge).toEqual([11]);
  });
});

it('a pull request that itself multiplies gets no verdict, and takes no memory', async () => {
  const found = await stageWith([]);
  const commit = await found.push(7, multiplied(0));
  found.memory.set({ head: { branch: 'topic', commit } });

  await expect(found.review()).rejects.toMatchObject({ code: 'TooManyReleases' });

  expect(found.memory.statuses.get(commit)).toMatchObject([
    { context: 'fairlead/plan', state: 'error' },
  ]);
});
