import type { FieldChange, Shown } from '../model/plan.ts';
import { isField, isListField, variableName } from '../words/fields.ts';
import type { Piece } from './table.ts';
import { folded, visible } from './visible.ts';

/** Longer single values lose their middle in text; JSON has them whole. */
const maxShown = 120;

/** The name people know a field by: a variable goes by its own, unless that could be taken for another field. */
export function fieldName(path: FieldChange['path']): string {
  if (path === 'mark') return 'mark';
  const variable = variableName(path);
  if (variable === undefined) return path;
  return isField(variable) || variable === 'mark' ? visible(path) : visible(variable);
}

/** The entries of a shown list; undefined where there is no list to see. */
export function itemsOf(shown: Shown): readonly string[] | undefined {
  if (shown.state === 'unset') return [];
  if (shown.state !== 'value' && shown.state !== 'inherited') return undefined;
  if (shown.value === undefined) return undefined;
  return typeof shown.value === 'string' ? [shown.value] : shown.value;
}

/** What a list gains and loses; undefined where one side cannot be seen. */
export function listDifference(
  before: Shown,
  after: Shown,
):
  | { readonly gained: readonly string[]; readonly lost: readonly string[]; readonly kept: number }
  | undefined {
  const from = itemsOf(before);
  const to = itemsOf(after);
  if (!from || !to) return undefined;
  const had = new Set(from);
  const has = new Set(to);
  const gained = to.filter((item) => !had.has(item));
  return { gained, lost: from.filter((item) => !has.has(item)), kept: to.length - gained.length };
}

/** A single value in words; a list by its number of entries. */
export function shownText(shown: Shown, digits = 4): string {
  switch (shown.state) {
    case 'value':
      return plainText(shown.value);
    case 'inherited':
      return shown.value === undefined ? '(inherits)' : `(inherits ${plainText(shown.value)})`;
    case 'secret':
      return `(secret ${shown.fingerprint.slice(0, digits)})`;
    case 'unverified':
      return '(secret, not compared here)';
    case 'unknown':
      return '(unknown)';
    case 'unset':
      return '(unset)';
  }
}

function plainText(value: string | readonly string[]): string {
  return typeof value === 'string' ? valueText(value) : `${value.length}`;
}

/** One public value, inert and folded. */
export function valueText(text: string): string {
  return text === '' ? '(empty)' : folded(visible(text), maxShown);
}

/**
 * What a field change does, as pieces between which a line may be broken.
 *
 * Testers are counted and never named: who they are is nobody's business in a pull request.
 */
export function transition(
  { path, before, after }: Pick<FieldChange, 'path' | 'before' | 'after'>,
  created: boolean,
): readonly Piece[] {
  if (path === 'testers') return testersPieces(before, after, created);
  if (isListField(path)) return listPieces(before, after, created);
  if (created) return [{ text: shownText(after), tone: 'bold' }];
  const digits = digitsToTell(before, after);
  return arrow(shownText(before, digits), shownText(after, digits));
}

function arrow(from: string, to: string): readonly Piece[] {
  return [
    { text: `${from} ->`, tone: 'dim' },
    { text: to, tone: 'bold' },
  ];
}

function testersPieces(before: Shown, after: Shown, first: boolean): readonly Piece[] {
  const to = countText(after);
  if (first) return [{ text: to, tone: 'bold' }];
  const difference = listDifference(before, after);
  const sum = difference
    ? [{ text: `(+${difference.gained.length}, -${difference.lost.length})` }]
    : [];
  return [...arrow(countText(before), to), ...sum];
}

function countText(shown: Shown): string {
  const items = itemsOf(shown);
  if (!items || shown.state === 'unset') return shownText(shown);
  return shown.state === 'inherited' ? `(inherits ${items.length})` : `${items.length}`;
}

function listPieces(before: Shown, after: Shown, first: boolean): readonly Piece[] {
  const to = itemsOf(after);
  if (first && to) return to.map((item) => ({ text: valueText(item), tone: 'bold' }));
  const difference = listDifference(before, after);
  if (!difference) return arrow(shownText(before), shownText(after));
  const { gained, lost, kept } = difference;
  return [
    ...gained.map((item): Piece => ({ text: `+${valueText(item)}`, tone: 'green' })),
    ...lost.map((item): Piece => ({ text: `-${valueText(item)}`, tone: 'red' })),
    ...keptPieces(after, kept, gained.length + lost.length),
  ];
}

function keptPieces(after: Shown, kept: number, changed: number): readonly Piece[] {
  if (after.state === 'inherited')
    return [{ text: `(inherits ${itemsOf(after)?.length ?? 0})`, tone: 'dim' }];
  if (changed === 0) return [{ text: `the same ${kept}, said here`, tone: 'dim' }];
  return kept === 0 ? [] : [{ text: `(${kept} stay)`, tone: 'dim' }];
}

/** Enough of two fingerprints to see that they differ. */
function digitsToTell(before: Shown, after: Shown): number {
  if (before.state !== 'secret' || after.state !== 'secret') return 4;
  return (
    [4, 8, 12].find((n) => before.fingerprint.slice(0, n) !== after.fingerprint.slice(0, n)) ?? 16
  );
}
