import { describe, expect, it } from 'vitest';

import { encoded, encodings, findLeaks } from '../../support/leaks.ts';

const secret = 's3cret "é" ?&';
const inside = (text: string) => new Map([['sink', Buffer.from(text)]]);

describe('the search for leaks', () => {
  it.each(encodings)('finds the secret as %s, and by that name alone', (encoding) => {
    const found = findLeaks(inside(`before ${encoded(secret, encoding)} after`), { secret });

    expect(found).toEqual([{ sink: 'sink', secret: 'secret', encoding }]);
  });

  it.each([
    { name: 'JSON escapes quotes', text: JSON.stringify({ v: secret }), encoding: 'plain' },
    {
      name: 'upper-case hex',
      text: Buffer.from(secret).toString('hex').toUpperCase(),
      encoding: 'hex',
    },
    { name: 'a form', text: new URLSearchParams({ v: secret }).toString(), encoding: 'url' },
    {
      name: 'lower-case percents',
      text: encodeURIComponent(secret).toLowerCase(),
      encoding: 'url',
    },
    { name: 'base64url', text: Buffer.from(secret).toString('base64url'), encoding: 'base64' },
    {
      name: 'base64 of more, at 1',
      text: Buffer.from(`x${secret}tail`).toString('base64'),
      encoding: 'base64',
    },
    {
      name: 'base64 of more, at 2',
      text: Buffer.from(`xy${secret}tail`).toString('base64'),
      encoding: 'base64',
    },
    {
      name: 'base64 of more, at 3',
      text: Buffer.from(`xyz${secret}tail`).toString('base64'),
      encoding: 'base64',
    },
  ])('finds it where $name', ({ text, encoding }) => {
    const found = findLeaks(inside(text), { secret });

    expect(found.map((leak) => leak.encoding)).toContain(encoding);
  });

  it('finds nothing where there is nothing', () => {
    expect(findLeaks(inside('s3cret é ? & "'), { secret })).toEqual([]);
  });
});
