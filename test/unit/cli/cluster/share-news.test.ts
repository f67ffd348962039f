import { describe, expect, it } from 'vitest';

import { readNews, writeNews } from '../../../../src/cli/cluster/share-news.ts';

const nothing = { judged: {}, done: {} };

describe('what a Lease says of commits', () => {
  it('is nothing where there is nothing to say', () => {
    expect(writeNews(nothing)).toBe('');
    expect(readNews('')).toEqual(nothing);
  });

  it('is read as it was written; what was acted on stands once', () => {
    const text = writeNews({ judged: { 'b/two': 'c2', 'a/one': 'c1' }, done: { 'a/one': 'c1' } });

    expect(text).toBe('{"judged":{"b/two":"c2"},"done":{"a/one":"c1"}}');
    expect(readNews(text)).toEqual({ judged: { 'b/two': 'c2' }, done: { 'a/one': 'c1' } });
  });

  it.each(['null', '[]', '7', '{"done":7}', '{"done":{"a/one":7}}', '{"done":{"a/one"', '{}'])(
    'is nothing where somebody else wrote %s',
    (text) => {
      expect(readNews(text)).toEqual(nothing);
    },
  );

  it('fits into the annotations of one object, and is of the same sources for all', () => {
    const names = Array.from({ length: 5_000 }, (_, index) => `team-${10_000 + index}/repository`);
    const done = Object.fromEntries(names.map((name) => [name, 'c'.repeat(40)]));

    const text = writeNews({ judged: {}, done });

    expect(text.length).toBeLessThan(256 * 1024);
    const told = Object.keys(readNews(text).done);
    expect(told.length).toBeGreaterThan(2_000);
    expect(told).toEqual(names.slice(0, told.length));
  });
});
