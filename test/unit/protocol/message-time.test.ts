import { describe, expect, it } from 'vitest';

import { epochMs } from '../../../src/core/words/time.ts';
import { formatMessageTime, parseMessageTime } from '../../../src/protocol/message-time.ts';

describe('message times', () => {
  it('are written in the form the tenant wants', () => {
    expect(formatMessageTime(epochMs(1554359936253), 'iso8601')).toBe('2019-04-04T06:38:56.253Z');
    expect(formatMessageTime(epochMs(1685599933871), 'epochMs')).toBe('1685599933871');
  });

  it.each([
    { name: 'UTC', text: '2019-04-04T06:38:56.253Z', expected: 1554359936253 },
    { name: 'an offset', text: '2019-04-04T12:08:56.253+05:30', expected: 1554359936253 },
    { name: 'whole seconds', text: '2019-04-04T06:38:56Z', expected: 1554359936000 },
    { name: 'epoch milliseconds', text: '1685599933871', expected: 1685599933871 },
    { name: 'no offset: names no moment', text: '2019-04-04T06:38:56', expected: undefined },
    { name: 'epoch seconds: a thousand times too small', text: '1685599933', expected: undefined },
    { name: 'an impossible day', text: '2019-13-04T06:38:56Z', expected: undefined },
    { name: 'words', text: 'yesterday', expected: undefined },
    { name: 'nothing', text: '', expected: undefined },
  ])('reads $name', ({ text, expected }) => {
    expect(parseMessageTime(text)).toBe(expected);
  });
});
