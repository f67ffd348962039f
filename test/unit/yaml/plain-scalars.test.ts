import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readPlain } from '../../../src/core/yaml/plain-scalars.ts';

describe('readPlain', () => {
  it.each([
    { source: '', value: null, why: 'nothing is written' },
    { source: '~', value: null, why: 'both versions know the tilde' },
    { source: 'Null', value: null, why: 'three spellings of null' },
    { source: 'nULL', value: 'nULL', why: 'a fourth spelling is text' },
    { source: 'true', value: true, why: 'both versions know true' },
    { source: 'FALSE', value: false, why: 'three spellings of false' },
    { source: 'tRUE', value: 'tRUE', why: 'a fourth spelling is text' },
    { source: '0', value: 0, why: 'zero has no leading zero' },
    { source: '-0', value: 0, why: 'there is one zero' },
    { source: '+12', value: 12, why: 'a sign changes nothing' },
    {
      source: '3500020208396321',
      value: 3500020208396321,
      why: 'an id without quotes is a number',
    },
    { source: '0x1F', value: 31, why: 'hexadecimal is the same in both' },
    { source: '1.10', value: 1.1, why: 'which is why versions want quotes' },
    { source: '.5', value: 0.5, why: 'a fraction may lack its zero' },
    { source: '1.', value: 1, why: 'and its digits' },
    { source: '1.5e+3', value: 1500, why: 'a signed exponent is the same in both' },
    { source: '.inf', value: Infinity, why: 'both know infinity' },
    { source: '-.INF', value: -Infinity, why: 'and its sign' },
    { source: '.nan', value: Number.NaN, why: 'and what is no number' },
    { source: '2.4.0', value: '2.4.0', why: 'three parts are a version, not a number' },
    { source: 'M-77', value: 'M-77', why: 'a letter makes it text' },
    { source: 'https://api.acme.example', value: 'https://api.acme.example', why: 'a URL is text' },
    { source: '10.0.0.1', value: '10.0.0.1', why: 'an address is text' },
    { source: '-', value: '-', why: 'a dash alone is text' },
    { source: 'north', value: 'north', why: 'only whole words are booleans' },
    { source: 'Yesterday', value: 'Yesterday', why: 'only whole words are booleans' },
    { source: '1:60', value: '1:60', why: 'base 60 has no digit 60' },
    { source: '2026-1', value: '2026-1', why: 'half a date is text' },
  ])('$source is the same in YAML 1.1 and 1.2', ({ source, value, why }) => {
    expect(readPlain(source), why).toEqual({ agreed: true, value });
  });

  it.each([
    ...[
      'y',
      'Y',
      'yes',
      'Yes',
      'YES',
      'n',
      'N',
      'no',
      'No',
      'NO',
      'on',
      'On',
      'ON',
      'off',
      'Off',
      'OFF',
    ].map((source) => ({ source, why: 'a boolean in 1.1, text in 1.2' })),
    { source: '0777', why: 'octal in 1.1, decimal in 1.2' },
    { source: '-017', why: 'octal with a sign' },
    { source: '0o17', why: 'text in 1.1, octal in 1.2' },
    { source: '08', why: 'text in 1.1, eight in 1.2' },
    { source: '1_000', why: 'a thousand in 1.1, text in 1.2' },
    { source: '1_0.5', why: 'a fraction in 1.1, text in 1.2' },
    { source: '0b11', why: 'three in 1.1, text in 1.2' },
    { source: '0x_1F', why: '31 in 1.1, text in 1.2' },
    { source: '1:30', why: 'ninety in 1.1, text in 1.2' },
    { source: '190:20:30', why: 'base 60 with three parts' },
    { source: '1:30.5', why: 'base 60 with a fraction' },
    { source: '1e3', why: 'text in 1.1, a thousand in 1.2' },
    { source: '1.5e3', why: 'text in 1.1: the exponent has no sign' },
    { source: '2026-12-24', why: 'a date in 1.1, text in 1.2' },
    { source: '2026-12-24T18:00:00Z', why: 'a moment in 1.1, text in 1.2' },
    { source: '2026-12-24 18:00:00', why: 'a moment may have a space' },
    { source: '=', why: 'a special key in 1.1, text in 1.2' },
    { source: '<<', why: 'the merge key of 1.1' },
  ])('$source is refused', ({ source, why }) => {
    expect(readPlain(source).agreed, why).toBe(false);
  });

  it('never takes for sure what the library reads in two ways', () => {
    const characters = fc.constantFrom(...'0123456789abefxoXinyYNtTZ_:.+-eE~= ');
    const scalar = fc.string({ unit: characters, minLength: 1, maxLength: 8 }).filter(isPlain);
    const shapes = fc.oneof(
      scalar,
      fc.stringMatching(/^[-+]?[0-9]{1,3}(:[0-9]{1,2}){1,2}$/),
      fc.stringMatching(/^[-+]?0[box]?[0-9_a-f]{1,4}$/),
      fc.stringMatching(/^[-+]?[0-9_]{1,4}\.[0-9_]{0,3}(e[-+]?[0-9])?$/),
      fc.stringMatching(
        /^20[0-9]{2}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z?)?$/,
      ),
    );
    fc.assert(
      fc.property(
        shapes.filter((source) => isPlain(source) && !quirk.test(source)),
        (source) => {
          const read = readPlain(source);
          if (!read.agreed) return;
          const [old, now] = [libraryReads(source, '1.1'), libraryReads(source, '1.2')];
          expect([old, now], source).toEqual([read.value, read.value]);
        },
      ),
      { numRuns: 2500 },
    );
  });
});

/** The library reads numbers without a digit before the exponent (E10) in 1.1; no other reader does. */
const quirk = /^[-+]?\.?_*(?:e[-+]?\d+)?$/i;

function isPlain(source: string): boolean {
  return source.trim() === source && !/^[-?:](?:\s|$)|:(?:\s|$)|^[-.]{3}|[ ]{2}/.test(source);
}

function libraryReads(source: string, version: '1.1' | '1.2'): unknown {
  const value: unknown = parse(`- ${source}`, { version, logLevel: 'silent' });
  const [first] = Array.isArray(value) ? (value as unknown[]) : [];
  if (first instanceof Date) return 'a date';
  return first === 0 ? 0 : first;
}
