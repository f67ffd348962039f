import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

import { withMerged } from '../../../src/cli/composition/review-merge.ts';
import { coffee } from '../../support/cli-world.ts';
import { reviewStage } from '../../support/review-stage.ts';

/** A clone of a repository whose branch `main` has two commits, with refs of its own. */
async function cloned(refs: Readonly<Record<string, string>>) {
  const found = await reviewStage({ 'coffee.yaml': coffee });
  const older = await found.git('rev-parse', 'main');
  await found.git('commit', '-q', '--allow-empty', '-m', 'later');
  const newer = await found.git('rev-parse', 'main');
  const checkout = await found.clone();
  for (const [ref, which] of Object.entries(refs))
    execFileSync('git', ['update-ref', ref, which === 'older' ? older : newer], {
      cwd: checkout.directory,
    });
  const base = async (revision: string) =>
    withMerged(checkout, { base: revision, head: newer }, async (merged) => merged.base.commit);
  return { base, older, newer };
}

describe('the base of a review', () => {
  it.each([
    {
      name: 'a tag',
      refs: { 'refs/tags/origin/main': 'older' },
      why: 'git would take the tag, which whoever may push tags can move',
    },
    {
      name: 'a branch',
      refs: { 'refs/heads/origin/main': 'older' },
      why: 'git would take the branch of the checkout',
    },
  ])(
    'that is a branch of origin and $name as well is refused, with both names',
    async ({ refs }) => {
      const { base } = await cloned(refs);

      await expect(base('origin/main')).rejects.toMatchObject({
        code: 'RevisionAmbiguous',
        nextStep: expect.stringContaining('refs/remotes/origin/main') as unknown,
      });
    },
  );

  it.each([
    {
      name: 'by its whole name',
      base: 'refs/remotes/origin/main',
      refs: { 'refs/tags/origin/main': 'older' },
    },
    {
      name: 'where both are one commit',
      base: 'origin/main',
      refs: { 'refs/tags/origin/main': 'newer' },
    },
    {
      name: 'beside one below it',
      base: 'origin/main',
      refs: { 'refs/tags/origin/main/x': 'older' },
    },
  ])('is the branch, $name', async ({ base: revision, refs }) => {
    const { base, newer } = await cloned(refs);

    expect(await base(revision)).toBe(newer);
  });

  it('is refused as well with steps behind the name', async () => {
    const { base } = await cloned({ 'refs/tags/origin/main': 'older' });

    await expect(base('origin/main~0')).rejects.toMatchObject({ code: 'RevisionAmbiguous' });
  });
});
