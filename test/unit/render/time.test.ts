import fc from 'fast-check';
import { expect, it } from 'vitest';

import { epochMs, isoTime } from '../../../src/core/words/time.ts';

it('writes any moment as the language itself would', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (ms) => {
      expect(isoTime(epochMs(ms))).toBe(new Date(ms).toISOString());
    }),
  );
});
