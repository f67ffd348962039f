import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { root } from '../../../tools/files.ts';

/** What an approver asks; null: there is nothing of the sort, and the comment claims nothing. */
interface Answers {
  readonly changes: string;
  readonly production: string;
  readonly paid: string | null;
  readonly undo: string | null;
  readonly todo: string | null;
  /** Why one is blocked or held. */
  readonly why: string | null;
}

const first = '### Fairlead: ';
const stays = '⚠️ no, the record stays for ever |';
const approve =
  '`megapay` **Production**: somebody must approve it, as it changes who gets paid in Production: `fairlead approve c-';
const held = '| ✋ | `megapay` | **Production** | **held**, until somebody approves it; ';
const invalid = '**nothing**: its declaration is invalid |';
const correct = '- ⛔ correct the error above: until then none of it is applied';
const unasked = '- 📝 to learn what merging does, let the review ask the platform: ';
const withdraw =
  '- ⛔ `rapipay` **Production**: merging does not change it. Withdraw the request, or release a new version.';
const underReview =
  '| ⛔ | `2.4.0` | `rapipay` | **Production** | **nothing**: it is in Under Review; payments stay with `M-12` |';

const story: Answers = {
  changes: `${first}\`coffee\` \`2.5.0\` on 2 apps, `,
  production: '**Production on 2**',
  paid: '> **Who gets paid** changes in **Production** of `megapay`: `M-77` → `M-88`.',
  undo: stays,
  todo: withdraw,
  why: underReview,
};

const payee: Answers = {
  changes: `${first}\`coffee\` \`2.5.0\` on 1 app; held: `,
  production: 'held: **Production** of `megapay`',
  paid: '> **Who gets paid** would change in **Production** of `megapay`, but is held: `M-77` → `M-88`.',
  undo: stays,
  todo: approve,
  why: held,
};

const broken: Answers = {
  changes: `${first}1 error in what this pull request changes; merging does **not** change `,
  production: 'merging does **not** change **Production** of `megapay`',
  paid: null,
  undo: null,
  todo: correct,
  why: invalid,
};

const opened: Answers = {
  changes: `${first}\`coffee\` \`2.5.0\` on 1 app, `,
  production: ', Production is not touched\n',
  paid: '> **Who gets paid** is set in Sandbox of `megapay`: `M-77-T`.',
  undo: stays,
  todo: null,
  why: null,
};

const rival: Answers = {
  changes: `${first}nothing changes on the platform now; held: `,
  production: 'held: **Production** of `megapay`',
  paid: '> **Who gets paid** would change in **Production** of `megapay`, but is held: `M-77` → `M-99`.',
  undo: null,
  todo: approve,
  why: held,
};

const fork: Answers = {
  changes: `${first}\`coffee\` \`2.6.0\` changes on 1 app, `,
  production: ', Production is not touched (as declared)\n',
  paid: '| payments to `M-5` |',
  undo: '| not known |',
  todo: unasked,
  why: null,
};

const blocked: Answers = {
  ...payee,
  changes: `${first}\`coffee\` \`2.5.0\` on 1 app; merging does **not** change `,
  production:
    'merging does **not** change **Production** of `rapipay`; held: **Production** of `megapay`',
  todo: withdraw,
  why: underReview,
};

const pages: readonly (readonly [string, Answers])[] = [
  ['review/story', story],
  ['review/published', story],
  ['review/snapshot', story],
  [
    'review/by-hand',
    { ...story, production: '**Production on 2**: people click it in the console' },
  ],
  [
    'review/held',
    {
      ...rival,
      paid: payee.paid,
    },
  ],
  [
    'review/declared',
    {
      changes: `${first}\`coffee\` \`2.5.0\` changes on 1 app, `,
      production: '**Production on 1** (as declared)',
      paid: 'Who gets paid is set in **Production** of `megapay` (`2.5.0`): `M-88`.',
      undo: '| not known |',
      todo: unasked,
      why: null,
    },
  ],
  [
    'review/unjudged',
    {
      changes: `${first}**no verdict** for \`coffee\`; `,
      production: '**Production on 1** (as declared)',
      paid: '| **Production** | payments to `M-88` |',
      undo: '| not known |',
      todo: 'Next: `See whether it is up; then run this job again.`',
      why: '**no verdict** for `coffee`: `the platform cannot be reached`',
    },
  ],
  [
    'review-story/02-production',
    {
      ...opened,
      production: '`2.5.0` on 1 app, **Production on 1**\n',
      paid: 'a release record is created; payments to `M-77`, as now |',
    },
  ],
  ...['', '-github', '-gitlab'].flatMap((forge): readonly (readonly [string, Answers])[] => {
    const names = forge === '' ? { step: 1, after: 1 } : { step: 0, after: 0 };
    const page = (at: number, name: string): string =>
      `review-story${forge}/0${String(at + names.step)}-${name}`;
    return [
      [`review-story${forge}/01-opened`, opened],
      [page(2, 'payee'), payee],
      [page(3, 'invalid'), broken],
      [page(4, 'blocked'), blocked],
      [page(5, 'ready'), payee],
      [page(6, 'conflicting'), rival],
      [page(7, 'fork'), fork],
      [page(8, 'after-the-merge'), broken],
    ];
  }),
];

function read(page: string): string {
  return readFileSync(join(root, 'test', 'fixtures', `${page}.md`), 'utf8');
}

describe('what an approver asks', () => {
  it.each(pages)('%s answers, and claims nothing that is not so', (page, answers) => {
    const text = read(page);
    const above = text.slice(0, text.indexOf('<details>') >>> 0);
    const { changes, production, paid, undo, todo, why } = answers;
    const [line = ''] = above.split('\n').filter((one) => one.startsWith(first));

    expect(`${line}\n`).toContain(changes);
    expect(`${line}\n`).toContain(production);
    for (const answer of [paid, undo, todo, why]) expect(above).toContain(answer ?? '');
    if (paid === null) expect(text).not.toMatch(/who gets paid|payments/i);
    if (undo === null) expect(text).not.toContain('⚠️ no, the record stays');
    if (todo === null) expect(text).not.toContain('What must be done');
    if (why === null) expect(above).not.toMatch(/\| (?:⛔|✋) \|/u);
  });
});
