import type { Change, FieldChange, Shown } from '../model/plan.ts';
import type { ReleaseKey } from '../words/keys.ts';
import type { ChangeFact, FieldFact, ProgramFacts } from './facts.ts';
import { said, say, type Sentence, someOf, whereOf } from './sentence.ts';
import { valueText } from './values.ts';

type PayeeField = 'merchantId' | 'clientId';

interface Payee {
  readonly path: PayeeField;
  /** Name of the program, where there are several. */
  readonly program: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly fate: 'goes' | 'held' | 'locked';
  readonly keys: readonly ReleaseKey[];
}

/** Who gets paid, before and after, Production first; held and locked changes say so. */
export function payees(programs: readonly ProgramFacts[]): readonly Sentence[] {
  const merged = new Map<string, Payee>();
  const all = programs.flatMap((program) => payeesOf(program, programs.length > 1));
  const isVersioned = versionsOf(all).length > 1;
  for (const payee of all) {
    const { keys, ...meaning } = payee;
    const id = JSON.stringify(Object.values(meaning).map((part) => part ?? null));
    const known = merged.get(id);
    merged.set(id, known ? { ...known, keys: [...known.keys, ...keys] } : payee);
  }
  return [...merged.values()]
    .sort((a, b) => loudness(b) - loudness(a))
    .map((payee) => payeeSentence(payee, isVersioned));
}

function versionsOf(payees: readonly Payee[]): readonly string[] {
  return [...new Set(payees.flatMap(({ keys }) => keys.map(({ version }) => version)))];
}

function payeesOf({ plan, changes }: ProgramFacts, named: boolean): readonly Payee[] {
  const program = named ? plan.name : undefined;
  return changes.flatMap((fact) =>
    fact.fields.flatMap((field) => {
      // A newer version gets it: nobody is paid otherwise by this one.
      const payee = field.field.locked === 'Superseded' ? undefined : payeeOf(fact, field);
      return payee ? [{ program, ...payee }] : [];
    }),
  );
}

function loudness({ keys, path }: Payee): number {
  return (
    (keys.some((key) => key.environment === 'Production') ? 2 : 0) + (path === 'merchantId' ? 1 : 0)
  );
}

function payeeOf(fact: ChangeFact, one: FieldFact): Omit<Payee, 'program'> | undefined {
  const { change } = fact;
  const { field } = one;
  const { path } = field;
  if (!isPayee(path) || !field.effective || isPast(change.action)) return undefined;
  const from = textOf(liveValue(change, path) ?? field.before);
  const to = textOf(field.after);
  if (from === to) return undefined;
  const keys = change.scope === 'release' ? [change.key] : (change.reach[path] ?? []);
  return { path, from, to, fate: fateOf(fact, one), keys };
}

function fateOf({ held: whole }: ChangeFact, { held = whole, goes }: FieldFact): Payee['fate'] {
  if (goes) return 'goes';
  return held ? 'held' : 'locked';
}

/** A new record has no value of its own before; what counts is whom users pay today. */
function liveValue(change: Change, path: PayeeField): Shown | undefined {
  if (change.scope === 'global' || change.action !== 'create') return undefined;
  return change.live?.values[path];
}

/** Settled and blocked releases are not written: their rows tell what would be. */
function isPast(action: ChangeFact['change']['action']): boolean {
  return action !== 'create' && action !== 'update';
}

function isPayee(path: FieldChange['path']): path is PayeeField {
  return path === 'merchantId' || path === 'clientId';
}

function textOf(shown: Shown): string | undefined {
  if (shown.state === 'unknown') return '(unknown)';
  if (shown.state !== 'value' && shown.state !== 'inherited') return undefined;
  return typeof shown.value === 'string' ? valueText(shown.value) : undefined;
}

const stays = {
  goes: '',
  held: ', but is held',
  locked: ', but cannot be changed now',
} as const satisfies Record<Payee['fate'], string>;

/** @param isVersioned  several versions are spoken of: each sentence says which it means */
function payeeSentence(payee: Payee, isVersioned: boolean): Sentence {
  const { path, program, from, to, fate } = payee;
  const field = path === 'merchantId' ? 'Who gets paid' : 'The client id';
  const what = program === undefined ? say`${field}` : say`${field} for ${said(program)}`;
  const after = to === undefined ? '(none)' : said(to);
  const how = from === undefined ? say`${after}` : say`${said(from)} -> ${after}`;
  return say`${what} ${verbOf(payee)}${placesOf(payee, isVersioned)}${stays[fate]}: ${how}.`;
}

function placesOf(payee: Payee, isVersioned: boolean): Sentence {
  const { keys } = payee;
  if (keys.length === 0) return say` globally`;
  const which = isVersioned ? say` (${someOf(versionsOf([payee]))})` : [];
  return say` in ${whereOf(keys)}${which}`;
}

function verbOf({ from, to, fate }: Payee): string {
  const [does, would] =
    from === undefined ? verbs.set : to === undefined ? verbs.cleared : verbs.changed;
  return fate === 'goes' ? does : would;
}

const verbs = {
  set: ['is set', 'would be set'],
  cleared: ['is cleared', 'would be cleared'],
  changed: ['changes', 'would change'],
} as const;
