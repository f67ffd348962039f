import type { ChangeId, Held } from '../model/plan.ts';
import type { HeldReason } from '../words/reasons.ts';
import { type ChangeFact, type ProgramFacts, releaseKeyOf, targetText } from './facts.ts';
import { plural } from './sentence.ts';
import { painter, type Style } from './style.ts';
import { wrapText } from './table.ts';
import { fieldName } from './values.ts';
import { visible } from './visible.ts';

/** Reasons that an approval lifts; the others are lifted by what they wait for. */
export function isApprovable(reason: HeldReason): boolean {
  return reason === 'GateRefused' || reason === 'AwaitingApproval' || reason === 'DriftReported';
}

export interface HeldNote {
  readonly held: Held;
  readonly what: readonly string[];
  /** The shortest list of ids that allows exactly this. */
  readonly ids: readonly ChangeId[];
}

/** Why something is held and the one way to let it pass, once per reason. */
export function heldLines(programs: readonly ProgramFacts[], style: Style): readonly string[] {
  const paint = painter(style);
  return heldNotes(programs).flatMap(({ held, what, ids }) => {
    const names = what.length > 3 ? plural(what.length, 'field') : what.join(', ');
    const [first = '', ...rest] = wrapText(`Held: ${names}: ${visible(held.message)}`, style.width);
    const allow = isApprovable(held.reason) ? [`      to allow it: --allow ${ids.join(',')}`] : [];
    return [paint('yellow', first), ...rest, ...allow];
  });
}

/** What is held, once per reason and message. */
export function heldNotes(programs: readonly ProgramFacts[]): readonly HeldNote[] {
  const notes = new Map<string, HeldNote>();
  for (const fact of programs.flatMap((program) => program.changes)) {
    for (const note of notesOf(fact)) {
      const id = `${note.held.reason} ${note.held.message}`;
      const known = notes.get(id);
      notes.set(
        id,
        known
          ? { ...known, what: [...known.what, ...note.what], ids: [...known.ids, ...note.ids] }
          : note,
      );
    }
  }
  return [...notes.values()];
}

/** A change that is held whole goes by its own id. */
function notesOf(fact: ChangeFact): readonly HeldNote[] {
  const release = releaseKeyOf(fact.change);
  const where = visible(
    release ? `${release.version} ${targetText(release)}` : 'the global configuration',
  );
  if (fact.held) return [{ held: fact.held, what: [where], ids: [fact.change.changeId] }];
  return fact.fields.flatMap(({ field, held }) =>
    held ? [{ held, what: [`${fieldName(field.path)} of ${where}`], ids: [field.changeId] }] : [],
  );
}
