import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { conditionReasons } from '../../../src/core/status/reasons.ts';
import { root } from '../../../tools/files.ts';

const page = readFileSync(join(root, 'docs/operations/kubernetes-conditions.md'), 'utf8');

/** Words in the first column of the tables under some headings. */
function rowsUnder(...headings: readonly string[]): readonly string[] {
  return headings
    .flatMap((heading) => {
      const [, after = ''] = page.split(`## ${heading}\n`);
      const [section = ''] = after.split('\n## ');
      return [...section.matchAll(/^\| `([A-Z]\w+)` \|/gm)].flatMap(([, word]) => word ?? []);
    })
    .toSorted();
}

describe('the page of conditions of objects', () => {
  it.each([
    { beside: null, headings: ['Ready is true'] },
    { beside: 'Stalled', headings: ['A person has to change the declaration'] },
    {
      beside: 'Reconciling',
      headings: [
        'It comes, or a word is missing',
        'Somebody else can resolve it',
        'Something failed, and is tried again',
      ],
    },
  ])('has a row for every reason with $beside', ({ beside, headings }) => {
    const expected = Object.entries(conditionReasons).flatMap(([reason, row]) =>
      row.beside === beside ? [reason] : [],
    );

    expect(rowsUnder(...headings)).toEqual(expected.toSorted());
  });

  it('says of each what the messages say', () => {
    const missing = Object.entries(conditionReasons).filter(
      ([reason, { what }]) => !page.includes(`| \`${reason}\` | ${what} |`),
    );

    expect(missing).toEqual([]);
  });
});
