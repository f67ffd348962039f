import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { applyText } from '../../../src/core/render/apply-result.ts';
import { renderMarkdown } from '../../../src/core/render/markdown.ts';
import { problemsText } from '../../../src/core/render/problems.ts';
import { renderText } from '../../../src/core/render/text.ts';
import { wide } from './as-text.ts';
import { set, storyPlan, testers, wildSet } from './build.ts';

describe('what others wrote', () => {
  it('never acts on a terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }), (wild) => {
        const shown = wildSet(wild);
        const outputs = [
          renderText({ ...shown, all: true }, wide),
          renderText(shown, { color: false, width: 60, unicode: false }),
          applyText({ set: shown, outcomes: [] }, wide),
          problemsText(shown.plans[0]!.problems, wide, () => wild),
        ];

        for (const output of outputs) {
          expect(output.replaceAll('\n', '')).not.toMatch(
            /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u,
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it('adds no line of its own to a plan', () => {
    const lines = (text: string): number => renderText(wildSet(text), wide).split('\n').length;

    expect(lines('a\nb\r\nc')).toBe(lines('a-b-c'));
  });
});

describe('testers', () => {
  it('are counted and never named', () => {
    const shown = set([storyPlan()], { all: true });
    const outputs = [renderText(shown, wide), renderMarkdown(shown)];

    for (const id of testers(42)) for (const output of outputs) expect(output).not.toContain(id);
    expect(outputs[0]).toContain('12 -> 42 (+30, -0)');
  });
});
