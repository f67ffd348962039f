import { describe, expect, it } from 'vitest';

import { epochMs } from '../../../src/core/words/time.ts';
import { laterOf } from '../../../src/source/git/base.ts';
import { isOid, type Oid } from '../../../src/source/git/strings.ts';

function oidOf(letter: string): Oid {
  const text = letter.repeat(40);
  if (!isOid(text)) throw new Error(`${text} is no id of a commit`);
  return text;
}

const at = (letter: string, ms: number) => ({
  ...{ commit: oidOf(letter), committedAt: epochMs(ms), at: epochMs(ms) },
});

describe('what is in force, by the state directory and by who outlives it', () => {
  it.each([
    {
      name: 'a new directory',
      why: 'a new pod knows what another one completed',
      own: { completed: undefined, given: undefined },
      remembered: at('b', 20),
      expected: { completed: at('b', 20), given: undefined },
    },
    {
      name: 'the same commit in both',
      why: 'the id of what is held must not change with a restart',
      own: { completed: at('b', 10), given: at('b', 9) },
      remembered: at('b', 20),
      expected: { completed: at('b', 10), given: at('b', 9) },
    },
    {
      name: 'an old directory',
      why: 'another process went on meanwhile: going back to what was here would be a rewind',
      own: { completed: at('a', 5), given: at('a', 4) },
      remembered: at('b', 20),
      expected: { completed: at('b', 20), given: undefined },
    },
    {
      name: 'handed on here after it was completed',
      why: 'what was acted on in part is in force',
      own: { completed: undefined, given: at('c', 30) },
      remembered: at('b', 20),
      expected: { completed: at('b', 20), given: at('c', 30) },
    },
    {
      name: 'completed here after that',
      why: 'a status is written later than the disk',
      own: { completed: at('c', 30), given: at('c', 29) },
      remembered: at('b', 20),
      expected: { completed: at('c', 30), given: at('c', 29) },
    },
    {
      name: 'of another repository',
      why: 'it cannot be compared with',
      own: { completed: at('c', 30), given: at('c', 29) },
      remembered: 'other',
      expected: { completed: at('c', 30), given: at('c', 29) },
    },
    {
      name: 'nothing remembered',
      why: 'the very first start',
      own: { completed: undefined, given: undefined },
      remembered: undefined,
      expected: { completed: undefined, given: undefined },
    },
  ] as const)('$name', ({ own, remembered, expected, why }) => {
    expect(laterOf(own, remembered), why).toEqual(expected);
  });
});
