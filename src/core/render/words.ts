import type { GlobalChange } from '../model/plan.ts';
import type { ReleaseKey } from '../words/keys.ts';
import type { Action } from '../words/reasons.ts';
import { isLive } from '../words/statuses.ts';
import { epochMs, isoTime } from '../words/time.ts';
import { type ChangeFact, factsOf, type ProgramFacts, releaseKeyOf } from './facts.ts';
import type { PlanSet } from './plan-document.ts';
import { environmentName, plural, said, say, type Sentence, someOf, whereOf } from './sentence.ts';
import { domainWords, testerWords } from './words-lists.ts';
import { payees } from './words-payees.ts';

/** More programs than this are summed up instead of named one by one. */
const mostPrograms = 4;

/** What a plan means, most important first: what a release manager would ask before saying yes. */
export function sentencesOf(set: PlanSet): readonly Sentence[] {
  const programs = factsOf(set);
  const all = programs.flatMap((program) => program.changes);
  return [
    ...readFrom(set),
    ...happens(programs),
    ...payees(programs),
    ...testerWords(all),
    ...domainWords(programs),
    ...notices(all),
    ...stays(all),
    ...needsPeople(all),
    ...lacks(programs),
  ];
}

/** An emulator and attested state say so before anything else. */
function readFrom({ platforms, plans }: PlanSet): readonly Sentence[] {
  const emulated =
    platforms.some(({ emulator }) => emulator) || plans.some(({ emulator }) => emulator);
  return [
    ...(emulated ? [say`This is an emulator: no real app is touched.`] : []),
    ...(plans.some(({ attested }) => attested)
      ? [
          say`The platform was not asked: this stands on what people wrote down${lastOf(platforms)}.`,
        ]
      : []),
  ];
}

function lastOf(platforms: PlanSet['platforms']): string {
  const times = platforms.flatMap(({ attestedAt }) => attestedAt ?? []);
  return times.length === 0 ? '' : `, last on ${isoTime(epochMs(Math.max(...times))).slice(0, 10)}`;
}

function happens(programs: readonly ProgramFacts[]): readonly Sentence[] {
  const all = programs.flatMap(({ changes }) => changes);
  const writing = all.filter(({ goes }) => goes);
  const marked = all.filter(({ marks }) => marks).length;
  if (writing.length === 0) return [marked === 0 ? nothing(programs) : adopted(marked)];
  const busy = programs.filter(({ changes }) => changes.some(({ goes }) => goes));
  const told = busy.length <= mostPrograms ? busy.flatMap(program) : [summedUp(busy, writing)];
  return inProduction(writing) ? told : [...told, say`Nothing changes in Production.`];
}

function nothing(programs: readonly ProgramFacts[]): Sentence {
  const changes = programs
    .flatMap((one) => one.changes)
    .filter(({ change }) => change.scope === 'release');
  if (changes.length === 0) return say`Nothing is declared.`;
  const equal = changes.every(({ change }) => change.action === 'unchanged');
  return equal ? say`Nothing to do: everything is as declared.` : say`Nothing is written now.`;
}

function adopted(count: number): Sentence {
  const what = plural(count, 'record that is', 'records that are');
  return say`Nothing changes for anybody: ${what} as declared already ${count === 1 ? 'gets' : 'get'} our mark, and test QR codes stay.`;
}

function inProduction(facts: readonly ChangeFact[]): boolean {
  return facts.some(({ change }) =>
    change.scope === 'release'
      ? change.key.environment === 'Production'
      : reachOf(change).some(({ environment }) => environment === 'Production'),
  );
}

function reachOf({ reach }: GlobalChange): readonly ReleaseKey[] {
  return Object.values(reach).flatMap((keys) => keys ?? []);
}

function program({ plan, changes }: ProgramFacts): readonly Sentence[] {
  const going = changes.filter((fact) => fact.goes);
  const name = said(plan.name);
  return [
    ...byVersion(going, 'create').map(
      ({ version, keys }) =>
        say`${name} ${said(version)} gets ${plural(keys.length, 'new record')}, in ${whereOf(keys)}.`,
    ),
    ...byVersion(going, 'update').map(
      ({ version, keys }) => say`${name} ${said(version)} changes in ${whereOf(keys)}.`,
    ),
    ...going.flatMap(({ change }) =>
      change.scope === 'global' && change.action === 'update'
        ? [globalWords(plan.name, change)]
        : [],
    ),
  ];
}

function globalWords(name: string, change: GlobalChange): Sentence {
  const reached = reachOf(change);
  const start = say`The global configuration of ${said(name)} changes`;
  return reached.length === 0
    ? say`${start}, for new records only.`
    : say`${start}, at once for what inherits it in ${whereOf(reached)}.`;
}

function byVersion(facts: readonly ChangeFact[], action: Action) {
  const keys = facts
    .filter(({ change }) => change.action === action)
    .flatMap(({ change }) => releaseKeyOf(change) ?? []);
  const versions = [...new Set(keys.map(({ version }) => version))].reverse();
  return versions.map((version) => ({
    version,
    keys: keys.filter((key) => key.version === version),
  }));
}

function summedUp(busy: readonly ProgramFacts[], writing: readonly ChangeFact[]): Sentence {
  const apps = new Set(writing.flatMap(({ change }) => releaseKeyOf(change)?.app ?? []));
  const count = (action: Action, one: string): Sentence => {
    const facts = writing.filter(({ change }) => change.action === action);
    const production = facts.filter((fact) => inProduction([fact])).length;
    const what = plural(facts.length, one);
    return production === 0
      ? say`${what}`
      : say`${what} (${production} in ${environmentName('Production')})`;
  };
  const names = someOf(busy.map(({ plan }) => plan.name));
  return say`${plural(busy.length, 'program')} (${names}) in ${plural(apps.size, 'app')}: ${count('create', 'new record')}, ${count('update', 'changed record')}.`;
}

/** Who feels it, and when. */
function notices(all: readonly ChangeFact[]): readonly Sentence[] {
  const writing = all.filter(({ goes }) => goes);
  const pilots = writing.filter(({ change }) => change.status === 'PilotTesting');
  const where = whereOf(pilots.flatMap(({ change }) => releaseKeyOf(change) ?? []));
  return [
    ...(pilots.length === 0 ? [] : [say`Pilot testers notice at once in ${where}.`]),
    ...(writing.length === pilots.length
      ? []
      : [say`Users notice nothing until somebody applies for release${stayLive(writing)}.`]),
  ];
}

function stayLive(writing: readonly ChangeFact[]): Sentence {
  const live = new Set(
    writing.flatMap(({ change }) =>
      change.scope === 'release' && change.live && isLive(change.live.status)
        ? change.live.version
        : [],
    ),
  );
  if (live.size === 0) return [];
  return say`: ${someOf([...live])} ${live.size === 1 ? 'stays' : 'stay'} live`;
}

function stays(all: readonly ChangeFact[]): readonly Sentence[] {
  const created = all.filter(({ change, goes }) => goes && change.action === 'create').length;
  if (created === 0) return [];
  const what =
    created === 1
      ? 'The new record cannot be undone: it stays'
      : `The ${created} new records cannot be undone: they stay`;
  return [say`${what} for ever, harmless until somebody applies for release.`];
}

function needsPeople(all: readonly ChangeFact[]): readonly Sentence[] {
  const held = all.filter((fact) => fact.held ?? fact.fields.some((field) => field.held)).length;
  const count = (action: Action): number =>
    all.filter(({ change }) => change.action === action).length;
  const blocked = count('blocked');
  const waiting = count('waiting');
  const parts = [
    ...(held === 0 ? [] : [`${plural(held, 'change is', 'changes are')} held back`]),
    ...(blocked === 0
      ? []
      : [
          `${plural(blocked, 'release is blocked and needs', 'releases are blocked and need')} a person`,
        ]),
    ...(waiting === 0
      ? []
      : [`${plural(waiting, 'release waits', 'releases wait')} for something to appear`]),
  ];
  return parts.length === 0 ? [] : [say`${parts.join('; ')}.`];
}

function lacks(programs: readonly ProgramFacts[]): readonly Sentence[] {
  const names = [...new Set(programs.flatMap(({ plan }) => plan.lacks))].sort();
  if (names.length === 0) return [];
  return [say`This platform lacks ${someOf(names, 12)}: convenience is lost, never safety.`];
}
