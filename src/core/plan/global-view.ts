import type { DesiredGlobal, DesiredProgram } from '../model/desired.ts';
import type { ObservedGlobal, ObservedProgram } from '../model/observed.ts';
import type { Shown } from '../model/plan.ts';
import { contest } from '../resolve/contest.ts';
import { isField, type Field, type FieldPath } from '../words/fields.ts';
import type { MarkReader, MarkView } from './mark-view.ts';
import type { Sight } from './sight.ts';

/** A value as the running program gets it. `undefined`: nothing is set. Unknown: the global level was not read. */
export type Effective =
  | { readonly known: false }
  | { readonly known: true; readonly value: string | readonly string[] | undefined };

/** The global level: what is inherited today, and what will be once the plan is carried out. */
export interface GlobalView {
  /** Absent on the hot path and where the mini program is missing. */
  readonly record: ObservedGlobal | undefined;
  /** The declaration that counts; absent where nobody declares it. */
  readonly desired: DesiredGlobal | undefined;
  /** Other sources' declarations and why they do not count. */
  readonly rivals: readonly DesiredGlobal[];
  readonly today: (field: Field) => Effective;
  readonly planned: (field: Field) => Effective;
}

interface Parts {
  readonly desired: DesiredProgram;
  readonly observed: ObservedProgram;
  readonly sight: Sight;
  readonly marks: MarkReader;
  readonly mark: MarkView;
}

export function createGlobalView({ desired, observed, sight, marks, mark }: Parts): GlobalView {
  const record = observed.miniProgram?.global;
  const claims = desired.global && contest(desired.global, (source) => marks.names(mark, source));
  const counting = claims?.incumbent;

  function today(field: Field): Effective {
    if (!record) return { known: false };
    return effectiveOf(sight.showObserved(field, record.config[field], undefined));
  }

  return {
    record,
    desired: counting,
    rivals: claims?.others ?? [],
    today,
    planned(field) {
      if (!counting || counting.barrier) return today(field);
      const wish = counting.config[field];
      if (wish)
        return effectiveOf(
          sight.showDesired({ path: field, value: wish.value, source: counting.source }),
        );
      return counting.unset.some((one) => one.field === field)
        ? { known: true, value: undefined }
        : today(field);
    },
  };
}

/** What a shown value comes to where it runs; secrets and unseen values are not compared here. */
export function effectiveOf(shown: Shown): Effective {
  if (shown.state === 'value') return { known: true, value: shown.value };
  if (shown.state === 'unset') return { known: true, value: undefined };
  return { known: false };
}

/** What a field shows while it inherits. Variables have no global level. */
export function showInherited(path: FieldPath, level: (field: Field) => Effective): Shown {
  if (!isField(path)) return { state: 'unset' };
  const effective = level(path);
  return effective.known && effective.value !== undefined
    ? { state: 'inherited', value: effective.value }
    : { state: 'inherited' };
}
