import fc from 'fast-check';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { describe, expect, it } from 'vitest';

import { code } from '../../../src/core/render/markdown-text.ts';
import { renderMarkdown } from '../../../src/core/render/markdown.ts';
import { renderRunbook } from '../../../src/core/render/runbook.ts';
import {
  decision,
  field,
  holdingAll,
  plan,
  release,
  set,
  storyPlan,
  value,
  wildSet,
} from './build.ts';

/** What a forge makes of it; raw HTML is let through, as forges do. */
function html(markdown: string): string {
  return micromark(markdown, {
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
}

/** The text outside `code` and `pre`, where a forge looks for mentions, numbers and addresses. */
function active(rendered: string): string {
  return rendered.replaceAll(/<code[^>]*>[^<]*<\/code>/g, '');
}

const hostile = [
  '@everyone',
  '#123 owner/repo#5 GH-7 !9 $3 ~bug %1',
  '<img src=x onerror=alert(1)>',
  '</code></td></table><script>alert(1)</script>',
  '[click](https://evil.example)',
  '![x](https://evil.example/x.png)',
  'https://evil.example www.evil.example me@evil.example',
  'a | b | c',
  '```\n# heading\n```',
  '`code` ``more``',
  '| a |\n|---|\n| b |',
  '\\| \\` \\',
  '- [x] done',
  '\u202eevil\u202c',
  '<!-- hidden -->',
  '&lt;b&gt; &#64;x',
  ' ',
  '',
];

describe('the plan for a pull request', () => {
  it('reads like this', () => {
    const story = storyPlan();
    const held = holdingAll(story, 'AwaitingApproval', 'onChange is Plan: --allow ID').held.filter(
      ({ changeId }) => changeId === story.changes[1]!.fields[0]!.changeId,
    );

    expect(renderMarkdown(set([story], { decisions: [decision(story, held)] }))).toBe(
      `
### Plan for \`coffee\` (\`acme/3500020208396321\`)

- \`coffee\` \`2.5.0\` gets 1 new record, in **PRODUCTION** of \`megapay\`.
- Who gets paid changes in **PRODUCTION** of \`megapay\`: \`M-77\` → \`M-88\`.
- New for \`coffee\`: it may call \`https://cdn.acme.example\`.
- Users notice nothing until somebody applies for release: \`2.4.0\` stays live.
- The new record cannot be undone: it stays for ever, harmless until somebody applies for release.
- 1 change is held back; 1 release is blocked and needs a person.

| | version | target | field | change | declared in | notes |
|---|---|---|---|---|---|---|
| **+ create** | \`2.5.0\` | **Production** of \`megapay\` | \`merchantId\` | \`M-88\` | \`programs/coffee.yaml:14\` | \`live 2.4.0: M-77\` |
|  |  |  | \`serverDomains\` | \`https://api.acme.example\`<br>\`https://cdn.acme.example\` | \`releases/coffee-2.5.0.yaml:9\` | \`cdn.acme.example is new for this program\` |
|  |  |  | \`API_KEY\` | \`(secret 7c1e)\` | \`releases/coffee-2.5.0.yaml:17\` | \`from coffee-keys/apiKey\`<br>\`live 2.4.0: the same\` |
| **\\~ update** | \`2.5.0\` | Sandbox of \`megapay\` | \`testers\` | \`12 -> 42 (+30, -0)\` | \`profiles/qa.yaml:5\` | New Version Created<br>held<br>held: needs approval |
| **! blocked** | \`2.4.0\` | **Production** of \`rapipay\` | \`merchantId\` | \`M-12 -> M-14\` | \`releases/coffee-2.4.0.yaml:31\` | Under Review<br>ConfigLocked |

- \`2.4.0\` \`rapipay/Production\`: \`next: withdraw the request in the console, or release a new version\`

<details><summary>1 group settled or unchanged: nothing is written</summary>

| | version | target | field | change | declared in | notes |
|---|---|---|---|---|---|---|
| **» settled** | \`2.4.0\` | **Production** of \`megapay\` | \`merchantId\` | \`M-77 -> M-88\` | \`programs/coffee.yaml:14\` | Full Release<br>takes effect with the next version |

</details>

**Held back**

- \`testers of 2.5.0 megapay/Sandbox\`: \`onChange is Plan\`: \`--allow ${held[0]!.changeId}\`

1 unchanged · 1 undeclared value left alone (--all shows it) · 2 writes, 3 reads, about 1 s at 5 calls/s · change \`c-3d69baf45d1c\` · \`megapay: api.megapay.example, read just now\`
`.trimStart(),
    );
  });

  it('names every target of a large group below the table', () => {
    const apps = Array.from({ length: 40 }, (_, i) => `app${i}`);
    const one = plan(
      apps.map((app) =>
        release(`2.5.0 ${app}/Sandbox`, 'update', {
          fields: [field('merchantId', value('M-1'), value('M-2'))],
        }),
      ),
    );

    const markdown = renderMarkdown(set([one]));

    expect(markdown).toContain('| Sandbox of 40 apps |');
    expect(apps.filter((app) => !markdown.includes(`\`${app}\``))).toEqual([]);
  });
});

describe('what others wrote', () => {
  it.each(hostile.map((text) => ({ text })))('$text stays text', ({ text }) => {
    const rendered = html(`| a | b |\n|---|---|\n| ${code(text)} | end |`);

    expect(active(rendered)).toBe(
      active(html('| a | b |\n|---|---|\n| `x` | end |')).replace(
        '<td></td>',
        text === '' ? '<td>(empty)</td>' : '<td></td>',
      ),
    );
  });

  it('stays text everywhere in a plan and in a runbook', () => {
    fc.assert(
      fc.property(fc.constantFrom(...hostile), fc.constantFrom(...hostile), (a, b) => {
        const text = `${a} ${b}`;
        const plain = rendered('plain');
        const wild = rendered(text);

        expect(wild.map(tagsOf)).toEqual(plain.map(tagsOf));
        for (const page of wild) expect(active(page)).not.toMatch(/evil|everyone|alert|owner/);
      }),
      { numRuns: 60 },
    );
  });

  it('stays text for any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), (text) => {
        expect(rendered(`x${text}`).map(tagsOf)).toEqual(rendered('plain').map(tagsOf));
      }),
      { numRuns: 60 },
    );
  });
});

/** Both pages of a plan in which everything that others can write is the given text. */
function rendered(text: string): readonly string[] {
  const shown = wildSet(text);
  return [html(renderMarkdown(shown)), html(renderRunbook(shown))];
}

/** A remark below a value that cannot be copied. */
function isParagraph(tag: string): boolean {
  return tag === '<p>' || tag === '</p>';
}

/** The structure of a page. */
function tagsOf(page: string): readonly string[] {
  return [...page.matchAll(/<\/?[a-z][^>]*>/g)]
    .map(([tag]) => tag)
    .filter((tag) => !isParagraph(tag));
}
