import type { Base } from '../model/plan.ts';
import { digestOf } from '../words/digests.ts';
import {
  fields,
  isField,
  isFieldPath,
  variableName,
  type Field,
  type FieldPath,
} from '../words/fields.ts';
import { compareText } from '../words/keys.ts';

/*
 * A mark carries the bases on the record itself, so that every machine that plans agrees. There is no time in it.
 *
 *   1 iiiiii cccccc kkkk  c ddddddddddd  t ddddddddddd  nnnnnn ldddddddddd  nnnnnn sdddddddddd
 *   | |      |      |     \_ one per field, by letter _/ \_ one per variable, by name's digest _/
 *   | |      |      key id of the bases of secrets
 *   | |      claimant: the source
 *   | installation
 *   version of this format
 *
 * 17 characters, then 12 a field and 17 a variable. With at most five fields the length alone says how many there are.
 */

/** Longest mark Fairlead writes; the platform keeps at most 256 characters. */
export const maxMarkLength = 247;

const formatVersion = '1';
const headerLength = 17;
const fieldEntryLength = 12;
const variableEntryLength = 17;
const tagLength = 6;
const baseLength = 11;
const maxVariables =
  (maxMarkLength - headerLength - fields.length * fieldEntryLength) / variableEntryLength;

/** Stands where no fingerprint key is known. */
export const noKeyId = '----';

const letters = {
  clientId: 'c',
  merchantId: 'm',
  serverDomains: 'd',
  wapUrls: 'w',
  testers: 't',
} as const satisfies Record<Field, string>;

/** What a mark says. Fields go by letter, variables by the digest of their name, since names are not in it. */
export interface ParsedMark {
  readonly installation: string;
  readonly claimant: string;
  readonly keyId: string;
  readonly entries: ReadonlyMap<string, Base>;
}

/** What goes into a mark; `''` is no base. */
export interface MarkContent {
  /** From `installationTag`. */
  readonly installation: string;
  /** From `claimantTag`. */
  readonly claimant: string;
  readonly keyId: string;
  readonly bases: Readonly<Partial<Record<FieldPath, Base>>>;
}

/** 6 characters that stand for an installation's name. */
export function installationTag(name: string): string {
  return digestOf(name).slice(0, tagLength);
}

/** 6 characters that stand for a source: `cli`, a GitSource or a namespace. */
export function claimantTag(source: string): string {
  return digestOf(source).slice(0, tagLength);
}

/** Under which key of `ParsedMark.entries` a field's base stands. */
export function entryKey(path: FieldPath): string {
  if (isField(path)) return letters[path];
  return digestOf(variableName(path)).slice(0, tagLength);
}

/**
 * The mark's text, at most `maxMarkLength` characters. More than ten variables cannot be declared and held at once; if
 * they were, the last by digest would have no base, which never overwrites a value somebody set.
 *
 * @see docs: Ownership, Mark
 */
export function formatMark({ installation, claimant, keyId, bases }: MarkContent): string {
  const entries = new Map<string, Base>();
  for (const [path, base] of basesOf(bases)) entries.set(entryKey(path), base);
  return formatEntries({ installation, claimant, keyId, entries });
}

/** The same from entries. */
export function formatEntries({ installation, claimant, keyId, entries }: ParsedMark): string {
  const all = [...entries].toSorted(([a], [b]) => compareText(a, b));
  const plain = all.filter(([key]) => key.length === 1);
  const variables = all.filter(([key]) => key.length > 1).slice(0, maxVariables);
  const body = [...plain, ...variables].map(([key, base]) => key + base).join('');
  return formatVersion + installation + claimant + keyId + body;
}

const shape = /^1[\w-]{16,246}$/;

/** What the text says, or `undefined` for anything but a mark of this format: another tool's, or a newer Fairlead's. */
export function parseMark(text: string): ParsedMark | undefined {
  if (!shape.test(text)) return undefined;
  const entries = parseEntries(text);
  if (!entries) return undefined;
  return {
    installation: text.slice(1, 7),
    claimant: text.slice(7, 13),
    keyId: text.slice(13, headerLength),
    entries,
  };
}

const letterOrder: string = Object.values(letters).toSorted(compareText).join('');
const variableBase = /^[ls]/;

function parseEntries(text: string): ReadonlyMap<string, Base> | undefined {
  const fieldCount = countFields(text.length - headerLength);
  if (fieldCount === undefined) return undefined;
  const entries = new Map<string, Base>();
  let at = headerLength;
  let last = -1;
  for (let i = 0; i < fieldCount; i += 1) {
    const letter = letterOrder.indexOf(text.charAt(at));
    if (letter <= last) return undefined;
    entries.set(text.charAt(at), base(text.slice(at + 1, at + fieldEntryLength)));
    last = letter;
    at += fieldEntryLength;
  }
  return parseVariables(text, at, entries);
}

function parseVariables(
  text: string,
  start: number,
  entries: Map<string, Base>,
): ReadonlyMap<string, Base> | undefined {
  let last = '';
  for (let at = start; at < text.length; at += variableEntryLength) {
    const tag = text.slice(at, at + tagLength);
    const value = text.slice(at + tagLength, at + variableEntryLength);
    if (tag <= last || !variableBase.test(value)) return undefined;
    entries.set(tag, base(value));
    last = tag;
  }
  return entries;
}

/** 12a + 17b names one a for every length, as long as a is at most 5. */
function countFields(length: number): number | undefined {
  for (let count = 0; count <= fields.length; count += 1) {
    const rest = length - count * fieldEntryLength;
    if (rest >= 0 && rest % variableEntryLength === 0) return count;
  }
  return undefined;
}

/** The base a field gets from a public value's digest. */
export function fieldBase(digest: string): Base {
  return base(digest.slice(0, baseLength));
}

/** The base a variable gets: from the SHA-256 of a literal, or the fingerprint of a secret. */
export function variableBaseOf(kind: 'l' | 's', digest: string): Base {
  return base(kind + digest.slice(0, baseLength - 1));
}

/** No base. */
export const noBase: Base = base('');

function base(text: string): Base {
  return text as Base;
}

/** The entries of a record of bases, typed; none of them empty. */
export function basesOf(
  bases: Readonly<Partial<Record<FieldPath, Base>>>,
): readonly (readonly [FieldPath, Base])[] {
  return Object.keys(bases)
    .filter(isFieldPath)
    .flatMap((path): [FieldPath, Base][] => {
      const base = bases[path] ?? noBase;
      return base === noBase ? [] : [[path, base]];
    });
}
