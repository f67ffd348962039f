/** What an unquoted scalar means, if YAML 1.1 and YAML 1.2 agree. */
export type PlainValue =
  | { readonly agreed: true; readonly value: string | number | boolean | null }
  | { readonly agreed: false; readonly yaml11: string; readonly yaml12: string };

interface Reading {
  readonly type: 'null' | 'boolean' | 'number' | 'timestamp' | 'special' | 'text';
  readonly value: string | number | boolean | null;
}

/** Anything else is text to both: it starts with none of the characters the rows below start with. */
const suspicious = /^(?:[-+.\d~=<]|[YyNnTtFfOo]{1}[A-Za-z]{0,4}$)/;
const empty: PlainValue = { agreed: true, value: null };

/**
 * Reads an unquoted scalar the way both versions of YAML do.
 *
 * Kubernetes' tools and many libraries read YAML 1.1, others 1.2: a value on which they differ (`yes`, `0777`, `1:30`,
 * a date) would mean one thing in Git and another in the cluster.
 *
 * @see https://yaml.org/spec/1.2.2/#1032-tag-resolution and https://yaml.org/type/ (1.1)
 */
export function readPlain(source: string): PlainValue {
  if (source === '') return empty;
  if (!suspicious.test(source)) return { agreed: true, value: source };
  const yaml11 = read11(source);
  const yaml12 = read12(source);
  if (yaml11.type === yaml12.type && Object.is(yaml11.value, yaml12.value)) {
    return { agreed: true, value: yaml12.value };
  }
  return { agreed: false, yaml11: describe(yaml11), yaml12: describe(yaml12) };
}

const nulls = new Set(['~', 'null', 'Null', 'NULL']);
const booleans = new Map([
  ...['true', 'True', 'TRUE'].map((text) => [text, true] as const),
  ...['false', 'False', 'FALSE'].map((text) => [text, false] as const),
]);
const booleans11 = new Map([
  ...booleans,
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'].map((text) => [text, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'].map((text) => [text, false] as const),
]);
const infinite = /^[-+]?\.(?:inf|Inf|INF)$/;
const notANumber = /^\.(?:nan|NaN|NAN)$/;

function read12(text: string): Reading {
  const shared = readShared(text, booleans);
  if (shared) return shared;
  if (/^[-+]?\d+$/.test(text)) return number(Number(text));
  if (/^0o[0-7]+$/.test(text)) return number(Number.parseInt(text.slice(2), 8));
  if (/^0x[\dA-Fa-f]+$/.test(text)) return number(Number.parseInt(text.slice(2), 16));
  if (/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(text)) return number(Number(text));
  return { type: 'text', value: text };
}

function read11(text: string): Reading {
  const shared = readShared(text, booleans11);
  if (shared) return shared;
  if (text === '<<' || text === '=') return { type: 'special', value: text };
  return readInteger11(text) ?? readFloat11(text) ?? { type: 'text', value: text };
}

function readShared(text: string, names: ReadonlyMap<string, boolean>): Reading | undefined {
  if (nulls.has(text)) return { type: 'null', value: null };
  const named = names.get(text);
  if (named !== undefined) return { type: 'boolean', value: named };
  if (infinite.test(text)) return number(text.startsWith('-') ? -Infinity : Infinity);
  if (notANumber.test(text)) return number(Number.NaN);
  return undefined;
}

function readInteger11(text: string): Reading | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const bare = text.replace(/^[-+]/, '');
  const digits = bare.replaceAll('_', '');
  if (/^0b[01_]+$/.test(bare)) return number(sign * Number.parseInt(digits.slice(2), 2));
  if (/^0x[\dA-Fa-f_]+$/.test(bare)) return number(sign * Number.parseInt(digits.slice(2), 16));
  if (/^0[0-7_]+$/.test(bare)) return number(sign * Number.parseInt(digits, 8));
  if (/^(?:0|[1-9][\d_]*)$/.test(bare)) return number(sign * Number(digits));
  if (/^\d[\d_]*(?::[0-5]?\d)+$/.test(bare)) return number(sign * sexagesimal(digits));
  return undefined;
}

function readFloat11(text: string): Reading | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const bare = text.replace(/^[-+]/, '');
  const digits = bare.replaceAll('_', '');
  if (/^(?:\d[\d_]*\.[\d_]*|\.\d[\d_]*)(?:[eE][-+]\d+)?$/.test(bare)) {
    return number(sign * Number(digits));
  }
  // Readers differ on exponents without a sign and on where an underscore may stand; none of it is ever meant as text.
  if (bare.includes('_') && /^(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(digits)) {
    return number(sign * Number(digits));
  }
  if (/^\d[\d_]*(?::[0-5]?\d)+\.[\d_]*$/.test(bare)) return number(sign * sexagesimal(digits));
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return { type: 'timestamp', value: text };
  const moment =
    /^\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::?\d\d)?))?$/;
  return moment.test(text) ? { type: 'timestamp', value: text } : undefined;
}

function sexagesimal(digits: string): number {
  return digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** `-0` and `0` are one number here: nothing that we declare knows the difference. */
function number(value: number): Reading {
  return { type: 'number', value: value === 0 ? 0 : value };
}

function describe({ type, value }: Reading): string {
  switch (type) {
    case 'boolean':
    case 'number':
      return `the ${type} ${String(value)}`;
    case 'timestamp':
      return 'a date';
    case 'special':
      return 'a special key';
    case 'null':
      return 'nothing';
    case 'text':
      return 'text';
  }
}
