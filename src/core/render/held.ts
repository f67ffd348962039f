import type { ChangeId } from '../model/plan.ts';
import { planChangeId } from '../plan/identity.ts';
import type { HeldReason } from '../words/reasons.ts';
import {
  type ChangeFact,
  type FieldFact,
  type ProgramFacts,
  releaseKeyOf,
  targetText,
} from './facts.ts';
import { plural } from './sentence.ts';
import { painter, type Style } from './style.ts';
import { wrapText } from './table.ts';
import { fieldName } from './values.ts';
import { visible } from './visible.ts';

/** What is held for one reason, and how it is allowed. */
export interface HeldNote {
  readonly reason: HeldReason;
  /** Why, in words and numbers. */
  readonly why: string;
  /** The fields and records, by name. */
  readonly what: readonly string[];
  /** Ids that let all of it pass; none where no approval helps. */
  readonly ids: readonly ChangeId[];
}

/** One unit that is held: a field, or a create. */
interface HeldUnit {
  readonly fact: ChangeFact;
  readonly name: string;
  /** Undefined where the change is held as a whole. */
  readonly field: string | undefined;
  readonly reason: HeldReason;
  readonly why: string;
  readonly id: ChangeId | undefined;
}

/** What is held, once per reason. */
export function heldNotes(programs: readonly ProgramFacts[]): readonly HeldNote[] {
  const units = programs.flatMap(({ changes }) => changes).flatMap(unitsOf);
  const groups = Map.groupBy(units, ({ reason, why }) => `${reason} ${why}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { reason, why } = first;
    return [{ reason, why, what: group.map(({ name }) => name), ids: idsOf(group, programs) }];
  });
}

/** How many things are held by themselves: as many as the notes name. */
export function heldCount(programs: readonly ProgramFacts[]): number {
  return programs.flatMap(({ changes }) => changes).flatMap(unitsOf).length;
}

/** Everything that is held of one change, each reason once with all ids that allow it; null for nothing. */
export function heldSummary(fact: ChangeFact): string | null {
  const units = unitsOf(fact);
  const groups = [...Map.groupBy(units, ({ why }) => why)];
  const parts = groups.map(([why, group]) => {
    const fields = group.flatMap(({ field }) => field ?? []).join(', ');
    const ids = [...new Set(group.flatMap(({ id }) => id ?? []))];
    const what = units.length === 1 || fields === '' ? why : `${fields}: ${why}`;
    return ids.length === 0 ? what : `${what}: ${allowText(ids)}`;
  });
  return parts.length === 0 ? null : parts.join('; ');
}

/** Below `Held: `. */
const hanging = '      ';

/** The held notes as lines; the command that allows each stands below it. */
export function heldLines(programs: readonly ProgramFacts[], style: Style): readonly string[] {
  const paint = painter(style);
  return heldNotes(programs).flatMap(({ what, why, ids }) => {
    const text = `${heldText(what)}: ${visible(why)}`;
    const lines = wrapText(text, style.width - hanging.length).map((line, i) =>
      paint('yellow', `${i === 0 ? 'Held: ' : hanging}${line}`),
    );
    if (ids.length === 0) return lines;
    return [
      ...lines,
      `${hanging}allow ${what.length === 1 ? 'it' : 'them'} with ${allowText(ids)}`,
    ];
  });
}

/** Names as far as a line bears them. */
function heldText(what: readonly string[]): string {
  return what.length > 3
    ? `${what.slice(0, 2).join(', ')} and ${plural(what.length - 2, 'more', 'more')}`
    : what.join(', ');
}

export function allowText(ids: readonly ChangeId[]): string {
  return ids.map((id) => `--allow ${id}`).join(' ');
}

/** A create is one unit, whatever fields it has; a mark alone is nothing people ask about. */
function unitsOf(fact: ChangeFact): readonly HeldUnit[] {
  const release = releaseKeyOf(fact.change);
  const where = visible(
    release
      ? `${release.version} ${targetText(release)}`
      : `the global configuration of ${fact.plan.name}`,
  );
  if (fact.held)
    return [
      {
        ...{ fact, name: where, field: undefined, reason: fact.held.reason },
        ...parted(fact.held.message),
      },
    ];
  const values = fact.fields.filter(
    ({ field }) => field.path !== 'mark' || fact.change.action === 'adopt',
  );
  return values.flatMap(({ field, held }: FieldFact) =>
    held
      ? [
          {
            fact,
            name: field.path === 'mark' ? where : `${fieldName(field.path)} of ${where}`,
            field: field.path === 'mark' ? undefined : fieldName(field.path),
            reason: held.reason,
            ...parted(held.message, field.path),
          },
        ]
      : [],
  );
}

const permission = /(?:: )?--allow (c-[0-9a-f]{12})$/;

/**
 * A held message ends with the one way to allow it, on a command line; many of them share the words before.
 *
 * @param path  of the field, which need not be said twice
 */
export function parted(message: string, path = ''): Pick<HeldUnit, 'why' | 'id'> {
  const id = permission.exec(message)?.[1] as ChangeId | undefined;
  const words = message.replace(permission, '');
  return { id, why: words.startsWith(`${path}: `) ? words.slice(path.length + 2) : words };
}

/** The fewest ids that allow exactly these units. */
function idsOf(group: readonly HeldUnit[], programs: readonly ProgramFacts[]): readonly ChangeId[] {
  const ids = [...new Set(group.flatMap(({ id }) => id ?? []))];
  if (ids.length < 2) return ids;
  const facts = programs.flatMap(({ changes }) => changes);
  const heldOfAll = facts.flatMap(unitsOf);
  if (heldOfAll.length === group.length && heldOfAll.every(({ id }) => id !== undefined)) {
    const whole = planChangeId(programs.map(({ plan }) => plan));
    return [whole];
  }
  return ids;
}
