import type { Bases, FieldChange, Shown } from '../model/plan.ts';
import type { Place } from '../words/places.ts';
import { hexDigest } from '../words/digests.ts';
import { compareText, type ProgramKey, type ReleaseKey } from '../words/keys.ts';
import type { Base } from '../model/plan.ts';
import type { Context } from './context.ts';
import { basesOf, noBase } from './mark.ts';
import type { MarkView } from './mark-view.ts';
import { fieldChangeId } from './identity.ts';

const shownLength = 16;

/**
 * Whether the bases on the record are to be written for their own sake: the platform stores marks, the mark is ours (or
 * taken over, or absent) and readable here, and the bases, held and locked fields keeping theirs, differ from those in it.
 */
export function isMarkDue(mark: MarkView, { settled }: Bases, context: Context): boolean {
  if (!context.storesMarks || mark.owner === 'other' || mark.hasForeignKey) return false;
  if (mark.owner !== 'ours' || !mark.parsed) return true;
  const { entries } = mark.parsed;
  const bases = basesOf(settled);
  return (
    bases.length !== entries.size ||
    bases.some(([path, base]) => entries.get(context.sight.entryKey(path)) !== base)
  );
}

interface MarkChange {
  readonly key: ProgramKey | ReleaseKey;
  readonly mark: MarkView;
  readonly bases: Bases;
  readonly origins: readonly Place[];
  readonly context: Context;
}

/** The change of the mark, shown as digests of the bases. */
export function markChange({ key, mark, bases, origins, context }: MarkChange): FieldChange {
  const before = shownEntries(mark.parsed?.entries);
  const after = shownEntries(entriesOf(bases, context));
  const cause = mark.owner === 'nobody' ? 'adoption' : 'declaration';
  return {
    path: 'mark',
    before,
    after,
    sensitive: false,
    cause,
    changeId: fieldChangeId({ key, path: 'mark', before, after, base: noBase }),
    locked: null,
    nextBase: noBase,
    step: 1,
    own: true,
    effective: false,
    origins,
  };
}

function entriesOf({ settled }: Bases, { sight }: Context): ReadonlyMap<string, Base> {
  return new Map(basesOf(settled).map(([path, base]) => [sight.entryKey(path), base]));
}

function shownEntries(entries: ReadonlyMap<string, Base> | undefined): Shown {
  if (!entries) return { state: 'unset' };
  const sorted = [...entries].toSorted(([a], [b]) => compareText(a, b));
  return { state: 'value', value: hexDigest(sorted, shownLength) };
}
