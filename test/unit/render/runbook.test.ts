import { describe, expect, it } from 'vitest';

import { renderRunbook } from '../../../src/core/render/runbook.ts';
import {
  decision,
  field,
  globalChange,
  holdingAll,
  inherits,
  plan,
  release,
  set,
  storyPlan,
  unset,
  value,
} from './build.ts';

describe('the plan as console clicks', () => {
  it('reads like this', () => {
    const story = storyPlan();
    const short = { ...story, changes: story.changes.filter(({ action }) => action !== 'update') };

    expect(renderRunbook(set([short]))).toBe(
      `
# Runbook

1 dialog, in this order. Tick each one off; stop where the console shows something else than is said here, and plan again.

## \`coffee\`

Open workspace \`acme\`, **Mini Programs** > \`coffee\` (id \`3500020208396321\`).

### 1. Select \`2.5.0\` for \`megapay\` Production

- [ ] **Versions** > \`2.5.0\` > **Select App**; choose target app \`megapay\`, environment **Production**. A target can be selected once, for ever: look twice.

- [ ] **Merchant ID**:

  \`\`\`text
  M-88
  \`\`\`

- [ ] **Server Domains**, 2 entries, exactly these:

  \`\`\`text
  https://api.acme.example
  https://cdn.acme.example
  \`\`\`

- [ ] **Environment Variables**, \`API_KEY\`: the secret \`coffee-keys/apiKey\` (from its store; never from here)

- [ ] **Select**

The status is now **New Version Created**, and there is a test QR code.

## Not possible now

- \`2.4.0 rapipay/Production\`: ConfigLocked. \`withdraw the request in the console, or release a new version\`
`.trimStart(),
    );
  });

  it('keeps the safe order: existing records, global configuration, new records and inheriting', () => {
    const moved = plan(
      [
        release('2.5.0 megapay/Production', 'create', {
          fields: [field('clientId', unset, value('1'), { step: 3 })],
        }),
        release('2.5.0 megapay/Sandbox', 'update', {
          fields: [
            field('merchantId', value('M-1'), inherits('M-3'), { step: 3 }),
            field('clientId', value('1'), value('2'), { step: 1 }),
          ],
        }),
      ],
      {
        global: [
          globalChange({ fields: [field('merchantId', value('M-2'), value('M-3'), { step: 2 })] }),
        ],
      },
    );

    const headings = renderRunbook(set([moved]))
      .split('\n')
      .filter((line) => /^### |^- \[ \] \*\*(Merchant|Client)/.test(line));

    expect(headings).toEqual([
      '### 1. Configure `2.5.0` for `megapay` Sandbox',
      '- [ ] **Client ID**:',
      '### 2. Global configuration',
      '- [ ] **Merchant ID**:',
      '### 3. Select `2.5.0` for `megapay` Production',
      '- [ ] **Client ID**:',
      '### 4. Configure `2.5.0` for `megapay` Sandbox',
      '- [ ] **Merchant ID**: clear it',
    ]);
  });

  it('leaves out what is held, and says why', () => {
    const story = storyPlan();
    const held = holdingAll(story, 'AwaitsOther', 'the global merchantId must be changed first');

    const runbook = renderRunbook(set([story], { decisions: [held] }));

    expect(runbook).toContain('Nothing to click: the plan writes nothing.');
    expect(runbook).toContain('## Not now: held');
    expect(runbook).toContain('`the global merchantId must be changed first`');
  });

  it.each([
    {
      name: 'an emulator',
      one: plan([], { emulator: true }),
      expected: 'This is an emulator: no real app is touched.',
    },
    {
      name: 'attested state',
      one: plan([], { attested: true }),
      expected: 'The platform was not asked: this stands on a snapshot of 2026-03-01.',
    },
  ])('says that it stands on $name', ({ one, expected }) => {
    expect(renderRunbook(set([one]))).toBe(
      `# Runbook\n\n${expected}\n\nNothing to click: the plan writes nothing.\n`,
    );
  });

  it('adds testers where pilot testing runs', () => {
    const one = plan([
      release('2.5.0 megapay/Sandbox', 'update', {
        status: 'PilotTesting',
        fields: [field('testers', value(['1']), value(['1', '2']))],
      }),
    ]);

    expect(renderRunbook(set([one]))).toContain('> **Add Testers**; the list becomes:');
  });

  it('has nothing to click for a mark', () => {
    const one = plan([
      release('2.5.0 megapay/Sandbox', 'adopt', { fields: [field('mark', unset, value('00'))] }),
    ]);

    expect(renderRunbook(set([one]))).toBe(
      '# Runbook\n\nNothing to click: the plan writes nothing.\n',
    );
  });

  it('gives a value a block that it cannot end, and says when it cannot be copied', () => {
    const one = plan([
      release('2.5.0 megapay/Sandbox', 'update', {
        fields: [
          field('merchantId', value('M'), value('a ```` b')),
          field('clientId', value('1'), value('2\u202e')),
        ],
      }),
    ]);

    const runbook = renderRunbook(set([one], { decisions: [decision(one)] }));

    expect(runbook).toContain('  `````text\n  a ```` b\n  `````\n');
    expect(runbook).toContain(
      '  ```text\n  2\\u{202e}\n  ```\n\n  (holds characters that cannot be shown: copy it from the declaration)',
    );
  });
});
