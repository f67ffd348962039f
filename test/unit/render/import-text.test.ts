import { describe, expect, it } from 'vitest';

import type { ImportNote } from '../../../src/core/import/import.ts';
import { importText } from '../../../src/core/render/import-text.ts';

const style = { color: false, width: 100, unicode: true };

function note(kind: ImportNote['kind'], more: Partial<ImportNote> = {}): ImportNote {
  return {
    key: {
      platform: 'megapay',
      workspace: 'acme',
      miniProgram: '35',
      version: '1.0.0',
      app: 'megapay',
      environment: 'Test',
    },
    status: 'NewVersionCreated',
    kind,
    variables: [],
    left: [],
    ...more,
  };
}

describe('what import says', () => {
  it('names the files, what was left out and why, the variables, and what to do next', () => {
    const notes = [
      note('imported', { variables: ['TOKEN', 'API_KEY'] }),
      note('imported', { variables: ['API_KEY'], left: ['serverDomains'] }),
      note('canceled'),
      note('archived'),
      note('undeclarable'),
    ];

    const text = importText({ notes }, { written: ['d/a.yaml'], next: 'fairlead plan d' }, style);

    expect(text).toBe(
      [
        'wrote d/a.yaml',
        '',
        '2 releases imported. Left out: 1 Canceled, 1 Archived (--all imports them), 1 whose version or app no declaration can name.',
        'Variables named in comments, values not written: API_KEY, TOKEN. They stay as they are. --literals',
        'NAME,... writes those whose values are public; map the others in Settings and declare them with',
        'secretKeyRef.',
        'Not declared, since no declaration can say the value: serverDomains of 1.0.0 megapay/Test.',
        '',
        'Next: fairlead plan d',
        '      It should show nothing but adopting what is there.',
        '',
      ].join('\n'),
    );
  });

  it('says nothing of what there is none of', () => {
    const text = importText({ notes: [note('imported')] }, { written: [], next: 'x' }, style);

    expect(text).toContain('1 release imported.\n');
    expect(text).not.toContain('Left out');
    expect(text).not.toContain('Variables');
  });
});
