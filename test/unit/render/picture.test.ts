import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';

import { planFile, planFileText } from '../../../src/core/render/plan-file.ts';
import { PlanSchema } from '../../../src/core/render/plan-schema.ts';
import { planDocument } from '../../../src/core/render/plan-document.ts';
import { renderMarkdown } from '../../../src/core/render/markdown.ts';
import { renderRunbook } from '../../../src/core/render/runbook.ts';
import { renderText } from '../../../src/core/render/text.ts';
import { pictureSecret, picturePlan } from '../../../tools/picture/stage.ts';
import { terminalSvg } from '../../../tools/terminal-svg.ts';
import { wide } from './as-text.ts';

describe('the picture of a plan, from declarations to text', () => {
  it('reads like this', async () => {
    const { set } = await picturePlan();

    expect(withoutIds(renderText(set, wide))).toBe(
      `
Plan for coffee (acme/3500020208396321)   change c-0123456789ab
megapay: api.megapay.example (an emulator), read just now

This is an emulator: no real app is touched.
coffee 2.5.0 changes in Sandbox of megapay.
coffee 2.5.0 would get 1 new record, in PRODUCTION of megapay, but it is held.
Who gets paid would change in PRODUCTION of megapay, but is held: M-77 -> M-88.
Who gets paid would change in Sandbox of tapngo, but is held: M-13-T -> M-31-T.
30 testers are added.
New for coffee, but held: it might call https://cdn.acme.example.
Users notice nothing until somebody applies for release.
2 changes are held back; 1 release is blocked and needs a person.

+ create   2.5.0  megapay/Production   held: a gate asks
             merchantId     M-88                       programs/coffee.yaml:11             live 2.4.0: M-77
             serverDomains  https://api.acme.example,  releases/coffee-2.5.0.yaml:12 (+1)
                            https://cdn.acme.example
                            cdn.acme.example is new for this program
             API_KEY        (secret 7c1e)              releases/coffee-2.5.0.yaml:15       from coffee-keys/apiKey
~ update   2.5.0  megapay/Sandbox      New Version Created   new test QR code
             testers        12 -> 42 (+30, -0)         profiles/qa.yaml:8
~ update   2.5.0  tapngo/Sandbox       New Version Created   held
             merchantId     M-13-T -> M-31-T           programs/coffee.yaml:15
                            drift: changed by hand; held: only reported
! blocked  2.4.0  rapipay/Production   Under Review   ConfigLocked
             merchantId     M-12 -> M-14               releases/coffee-2.4.0.yaml:11
             next: Withdraw the request, or release a new version.
» settled  2.4.0  megapay/Production   Full Release   takes effect with the next version
             merchantId     M-77 -> M-88               programs/coffee.yaml:11

= 2 unchanged   ? 1 undeclared value left alone (--all shows it)

1 write, 4 reads, about 1 s at 10 calls/s.

Held: 2.5.0 megapay/Production: merchantId: changes who gets paid in Production, other than 2.4.0 (gate productionPayee)
      allow it with --allow c-0123456789ab
Held: merchantId of 2.5.0 tapngo/Sandbox: somebody changed it on the platform, and onDrift is Report
      allow it with --allow c-0123456789ab
`.trimStart(),
    );
  });

  it('is a valid document for programs', async () => {
    const { set } = await picturePlan();
    const isPlan = new Ajv().compile(JSON.parse(JSON.stringify(PlanSchema)));

    isPlan(JSON.parse(JSON.stringify(planDocument({ ...set, all: true }))));

    expect(isPlan.errors).toBeNull();
  });

  it('holds the secret in no form, although it is on the platform', async () => {
    const { set, programs, host } = await picturePlan();
    const style = { ...wide, color: true };
    const file = planFile({
      programs,
      ...{ platforms: set.platforms, locate: set.locate },
      installation: 'default',
      takeOver: [],
    });
    const outputs = [
      renderText({ ...set, all: true }, style),
      JSON.stringify(planDocument({ ...set, all: true })),
      renderMarkdown({ ...set, all: true }),
      renderRunbook(set),
      planFileText(file),
      JSON.stringify(set.plans),
    ];

    expect(JSON.stringify(host.world()), 'the canary was opened and sent').toContain(pictureSecret);
    for (const form of formsOf(pictureSecret)) {
      for (const output of outputs) expect(output).not.toContain(form);
    }
  });
});

/** Ids and fingerprints are other tests' business. */
function withoutIds(text: string): string {
  return text
    .replaceAll(/c-[0-9a-f]{12}/g, 'c-0123456789ab')
    .replaceAll(/\(secret [0-9a-f]{4}\)/g, '(secret 7c1e)');
}

/** In clear, base64, URL-encoded and hexadecimal. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    bytes.toString('base64').replace(/=+$/, '').slice(0, -1),
    encodeURIComponent(secret),
    bytes.toString('hex'),
  ];
}

describe('a terminal as SVG', () => {
  const screen = { command: 'run', columns: 20, title: 'a < b' };

  it('places every run of colour at its column', () => {
    const svg = terminalSvg({
      ...screen,
      output: 'ab \u001b[1;31mcd\u001b[0m\n  \u001b[2m咖\u001b[0m x & <y>\n',
    });

    const texts = [
      ...svg.matchAll(/<text x="([\d.]+)" y="(\d+)" textLength="([\d.]+)"([^>]*)>([^<]*)</g),
    ];
    expect(texts.map(([, ...rest]) => rest)).toEqual([
      ['18', '66', '8.4', ' fill="#7ee787"', '$'],
      ['34.8', '66', '25.2', ' font-weight="bold"', 'run'],
      ['18', '86', '16.8', '', 'ab'],
      ['43.2', '86', '16.8', ' fill="#ff7b72" font-weight="bold"', 'cd'],
      ['34.8', '106', '16.8', ' fill="#8b97a5"', '咖'],
      ['60', '106', '58.8', '', 'x &amp; &lt;y&gt;'],
    ]);
    expect(svg).toContain('<title>a &lt; b</title>');
  });

  it('is the same every time', () => {
    expect(terminalSvg({ ...screen, output: 'x' })).toBe(terminalSvg({ ...screen, output: 'x' }));
  });
});
