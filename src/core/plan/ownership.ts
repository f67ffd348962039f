import type { Cause } from '../words/reasons.ts';

/*
 * Who owns a field: declared D, observed release-specific O, and base B, the digest of what Fairlead last wrote or last
 * saw equal to the declaration. The first row that matches counts.
 *
 *   row  D  O      B                                     change               B in the next mark
 *   ---  -  -----  ------------------------------------  -------------------  ------------------
 *    1   d  d      any                                   none                 d
 *    2   d  not d  no mark at all; or B - and O set      write d, adoption    d
 *    3   d  not d  = O (also both -)                     write d, declaration d
 *    4   d  not d  = d                                   write d, drift       d
 *    5   d  not d  neither d nor O                       write d, conflict    d
 *    6   -  o      = o                                   inherit, declaration -
 *    7   -  o      not o, or -                           none, undeclared     -
 *    8   -  -      any                                   none                 -
 *
 * The global level keeps what leaves its declaration; only `unset` clears it:
 *
 *    9   unset  o  = o                                   clear, declaration   -
 *   10   unset  o  -                                     clear, adoption      -
 *   11   unset  o  not o                                 clear, conflict      -
 *   12   -      o  any                                   none, undeclared     -
 */

/** What the base says of a field. `noMark`: the record carries none at all. */
export type BaseRelation = 'noMark' | 'none' | 'observed' | 'desired' | 'neither';

/** A field in question. Equal counts only where it is declared and set. */
export interface Situation {
  readonly declared: boolean;
  readonly set: boolean;
  readonly equal: boolean;
  readonly base: BaseRelation;
}

export type Row = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12;

/** What a row says: whether the field is written, why, and whose digest the next mark holds. */
export interface Verdict {
  readonly row: Row;
  readonly write: 'value' | 'inherit' | null;
  readonly cause: Cause | null;
  readonly nextBase: 'desired' | 'none';
}

interface TableRow extends Verdict {
  readonly when: (situation: Situation) => boolean;
}

function row(
  number: Row,
  when: TableRow['when'],
  [write, cause]: readonly [Verdict['write'], Cause | null],
  nextBase: Verdict['nextBase'],
): TableRow {
  return { row: number, when, write, cause, nextBase };
}

const releaseTable: readonly TableRow[] = [
  row(1, ({ declared, equal }) => declared && equal, [null, null], 'desired'),
  row(
    2,
    ({ declared, base, set }) => declared && (base === 'noMark' || (base === 'none' && set)),
    ['value', 'adoption'],
    'desired',
  ),
  row(
    3,
    ({ declared, base }) => declared && (base === 'observed' || base === 'none'),
    ['value', 'declaration'],
    'desired',
  ),
  row(4, ({ declared, base }) => declared && base === 'desired', ['value', 'drift'], 'desired'),
  row(5, ({ declared }) => declared, ['value', 'conflict'], 'desired'),
  row(6, ({ set, base }) => set && base === 'observed', ['inherit', 'declaration'], 'none'),
  row(7, ({ set }) => set, [null, 'undeclared'], 'none'),
  row(8, () => true, [null, null], 'none'),
];

const unsetTable: readonly TableRow[] = [
  row(8, ({ set }) => !set, [null, null], 'none'),
  row(9, ({ base }) => base === 'observed', ['inherit', 'declaration'], 'none'),
  row(10, ({ base }) => base === 'none' || base === 'noMark', ['inherit', 'adoption'], 'none'),
  row(11, () => true, ['inherit', 'conflict'], 'none'),
];

const undeclaredRow = row(12, () => true, [null, 'undeclared'], 'none');

/** What the table says of a release-specific field. */
export function judge(situation: Situation): Verdict {
  return firstOf(releaseTable, situation);
}

/** What the table says of a field of the global configuration. `unset`: the declaration asks to clear it. */
export function judgeGlobal(situation: Situation, unset: boolean): Verdict {
  if (situation.declared) return firstOf(releaseTable, situation);
  if (unset) return firstOf(unsetTable, situation);
  return situation.set ? undeclaredRow : firstOf(releaseTable, situation);
}

function firstOf(table: readonly TableRow[], situation: Situation): Verdict {
  const found = table.find(({ when }) => when(situation));
  if (!found) throw new Error('the ownership table has no row for this situation');
  return found;
}
