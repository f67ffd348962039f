import { Unreadable, type Scalar } from './tree.ts';

/** The bytes that stand for an unencrypted value in the sum over a document; nothing for an absent value. */
export function plainBytes(scalar: Scalar): string {
  switch (scalar.kind) {
    case 'null':
      return '';
    case 'text':
      return scalar.text;
    case 'boolean':
      return scalar.value ? 'True' : 'False';
    case 'number':
      return numberText(scalar.text);
  }
}

const bounds = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

function numberText(text: string): string {
  if (/^[-+]?\d+$/.test(text)) {
    const value = BigInt(text.replace(/^\+/, ''));
    if (value >= bounds.least && value <= bounds.most) return String(value);
  }
  return floatText(text);
}

/** The shortest digits that mean the same number, never with an exponent. */
export function floatText(text: string): string {
  if (/nan$/i.test(text)) return 'NaN';
  if (/inf$/i.test(text)) return text.startsWith('-') ? '-Inf' : '+Inf';
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Unreadable('it holds a number beyond all bounds');
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  return sign + positional(String(Math.abs(value)));
}

function positional(text: string): string {
  const [mantissa = '', exponent] = text.split('e');
  if (exponent === undefined) return text;
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  return point >= digits.length
    ? digits.padEnd(point, '0')
    : `${digits.slice(0, point)}.${digits.slice(point)}`;
}
