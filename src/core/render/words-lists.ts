import type { Plan } from '../model/plan.ts';
import type { ChangeFact, ProgramFacts } from './facts.ts';
import { plural, said, say, type Sentence, someOf } from './sentence.ts';
import { itemsOf, listDifference } from './values.ts';

/** Testers added and lost, each person once per app; never who they are. */
export function testerWords(all: readonly ChangeFact[]): readonly Sentence[] {
  const people = all.flatMap(testersOf);
  const count = (side: 'gained' | 'lost'): number =>
    new Set(people.filter((one) => one.side === side).map(({ app, id }) => `${app} ${id}`)).size;
  const gained = count('gained');
  const lost = count('lost');
  const parts = [
    ...(gained === 0 ? [] : [`${plural(gained, 'tester is', 'testers are')} added`]),
    ...(lost === 0 ? [] : [`${plural(lost, 'tester is', 'testers are')} removed`]),
  ];
  return parts.length === 0 ? [] : [say`${parts.join(', ')}.`];
}

interface Tester {
  readonly side: 'gained' | 'lost';
  /** User ids belong to an app; empty for the global level. */
  readonly app: string;
  readonly id: string;
}

function testersOf({ change, fields }: ChangeFact): readonly Tester[] {
  const app = change.scope === 'release' ? change.key.app : '';
  return fields
    .filter(({ field, goes }) => goes && field.path === 'testers')
    .flatMap(({ field }) => {
      const { gained = [], lost = [] } = listDifference(field.before, field.after) ?? {};
      return [
        ...gained.map((id) => ({ side: 'gained' as const, app, id })),
        ...lost.map((id) => ({ side: 'lost' as const, app, id })),
      ];
    });
}

/** Hosts a program could not reach before. */
export function domainWords(programs: readonly ProgramFacts[]): readonly Sentence[] {
  return programs.flatMap(({ plan, changes }) =>
    (['serverDomains', 'wapUrls'] as const).flatMap((path) => {
      const verb = path === 'serverDomains' ? 'call' : 'open';
      const going = newEntries(plan, changes, { path, goes: true });
      const held = newEntries(plan, changes, { path, goes: false }).filter(
        (item) => !going.includes(item),
      );
      const name = said(plan.name);
      return [
        ...(going.length === 0 ? [] : [say`New for ${name}: it may ${verb} ${someOf(going)}.`]),
        ...(held.length === 0
          ? []
          : [say`New for ${name}, but held: it might ${verb} ${someOf(held)}.`]),
      ];
    }),
  );
}

interface Wanted {
  readonly path: 'serverDomains' | 'wapUrls';
  readonly goes: boolean;
}

function newEntries(
  plan: Plan,
  changes: readonly ChangeFact[],
  { path, goes }: Wanted,
): readonly string[] {
  const known = knownEntries(plan, path);
  const wanted = changes
    .filter(({ change }) => change.action === 'create' || change.action === 'update')
    .flatMap(({ fields }) => fields)
    .filter((one) => one.goes === goes && one.field.path === path && one.field.locked === null)
    .flatMap(({ field }) => itemsOf(field.after) ?? []);
  return [...new Set(wanted)].filter((item) => !known.has(item)).sort();
}

/** Entries the program has had on any record, as far as the plan tells. */
export function knownEntries(plan: Plan, path: 'serverDomains' | 'wapUrls'): ReadonlySet<string> {
  const shown = [...plan.global, ...plan.changes].flatMap((change) => [
    ...change.fields.filter((field) => field.path === path).map((field) => field.before),
    ...(change.scope === 'release' && change.live ? [change.live.values[path]] : []),
  ]);
  return new Set([
    ...(plan.known?.[path] ?? []),
    ...shown.flatMap((value) => (value ? (itemsOf(value) ?? []) : [])),
  ]);
}
