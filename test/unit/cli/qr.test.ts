import { encode } from 'uqr';
import { describe, expect, it } from 'vitest';

import { drawQr } from '../../../src/cli/qr.ts';

const text = 'https://test-qr.emulator.example/megapay/rel-000001-0';

/** The modules that a drawing shows, light where the paper is. */
function modules(drawn: string, dark: Readonly<Record<string, readonly [boolean, boolean]>>) {
  return drawn
    .replaceAll('\u001b[30;107m', '')
    .replaceAll('\u001b[0m', '')
    .split('\n')
    .flatMap((line) =>
      [0, 1].map((half) => [...line].map((character) => dark[character]?.[half] ?? false)),
    );
}

const plain = {
  '█': [false, false],
  '▄': [true, false],
  '▀': [false, true],
  ' ': [true, true],
} as const;
const colored = {
  ' ': [false, false],
  '▀': [true, false],
  '▄': [false, true],
  '█': [true, true],
} as const;

describe('a test QR code in a terminal', () => {
  it.each([
    { name: 'without colours', color: false, dark: plain },
    { name: 'in colours', color: true, dark: colored },
  ])('$name: shows exactly the modules of the code, and a margin', ({ color, dark }) => {
    const { data, size } = encode(text, { ecc: 'M', border: 4 });

    const drawn = modules(drawQr(text, { color }), dark);

    expect(drawn.slice(0, size)).toEqual(data);
    expect(drawn[0]?.every((module) => !module)).toBe(true);
  });

  it('sets black on white itself, since a scanner needs dark on light', () => {
    const lines = drawQr(text, { color: true }).split('\n');

    expect(
      lines.every((line) => line.startsWith('\u001b[30;107m') && line.endsWith('\u001b[0m')),
    ).toBe(true);
  });

  it('has no colour codes where none are wanted', () => {
    expect(drawQr(text, { color: false })).not.toContain('\u001b');
  });

  it('refuses what no QR code can hold', () => {
    expect(() => drawQr('x'.repeat(4000), { color: false })).toThrow(RangeError);
  });
});
