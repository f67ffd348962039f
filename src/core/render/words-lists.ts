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
  return programs.flatMap(({ plan, changes }) => {
    const hosts = newEntries(plan, changes, 'serverDomains');
    const pages = newEntries(plan, changes, 'wapUrls');
    const name = said(plan.name);
    return [
      ...(hosts.length === 0 ? [] : [say`New for ${name}: it may call ${someOf(hosts)}.`]),
      ...(pages.length === 0 ? [] : [say`New for ${name}: it may open ${someOf(pages)}.`]),
    ];
  });
}

function newEntries(
  plan: Plan,
  changes: readonly ChangeFact[],
  path: 'serverDomains' | 'wapUrls',
): readonly string[] {
  const known = knownEntries(plan, path);
  const wanted = changes.flatMap(({ change, fields }) =>
    change.action === 'create' || change.action === 'update'
      ? fields
          .filter(({ field, goes }) => goes && field.path === path)
          .flatMap(({ field }) => itemsOf(field.after) ?? [])
      : [],
  );
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
