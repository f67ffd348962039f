import type { Change } from '../model/plan.ts';
import type { Action } from '../words/reasons.ts';
import { isLive } from '../words/statuses.ts';
import { epochMs } from '../words/time.ts';
import { type ChangeFact, factsOf, type ProgramFacts, releaseKeyOf } from './facts.ts';
import { heldCount } from './held.ts';
import { observedAt, type PlanSet } from './plan-document.ts';
import { plural, say, type Sentence, someOf, whereOf } from './sentence.ts';
import { isoDate } from './text-header.ts';
import { domainWords, testerWords } from './words-lists.ts';
import { payees } from './words-payees.ts';
import { happens } from './words-writes.ts';

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
    ...notCompared(programs),
    ...needsPeople(programs),
    ...lacks(programs),
  ];
}

/** An emulator and attested state say so before anything else, in every rendering. */
export function readFrom(set: PlanSet): readonly Sentence[] {
  const { platforms, plans } = set;
  const emulated =
    platforms.some(({ emulator }) => emulator) || plans.some(({ emulator }) => emulator);
  return [
    ...(emulated ? [say`This is an emulator: no real app is touched.`] : []),
    ...(plans.some(({ attested }) => attested)
      ? [say`The platform was not asked: this stands on a snapshot${datesOf(set)}.`]
      : []),
  ];
}

/** Of when the snapshot is, and, where that is another day, when people last vouched for a value in it. */
function datesOf(set: PlanSet): string {
  const taken = isoDate(observedAt(set));
  const times = set.platforms.flatMap(({ attestedAt }) => attestedAt ?? []);
  const attested = times.length === 0 ? taken : isoDate(epochMs(Math.max(...times)));
  return ` of ${taken}${attested === taken ? '' : `, with what people attested, last on ${attested}`}`;
}

/** Who feels it, and when. */
export function notices(all: readonly ChangeFact[]): readonly Sentence[] {
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

export function stays(all: readonly ChangeFact[]): readonly Sentence[] {
  const created = all.filter(({ change, goes }) => goes && change.action === 'create').length;
  if (created === 0) return [];
  const what =
    created === 1
      ? 'The new record cannot be undone: it stays'
      : `The ${created} new records cannot be undone: they stay`;
  return [say`${what} for ever, harmless until somebody applies for release.`];
}

/** What nobody could look at must not pass for equal. */
function notCompared(programs: readonly ProgramFacts[]): readonly Sentence[] {
  const secrets = programs.flatMap(({ plan }) => plan.unverified).length;
  return secrets === 0 ? [] : [say`${plural(secrets, 'secret')} could not be compared here.`];
}

export function needsPeople(programs: readonly ProgramFacts[]): readonly Sentence[] {
  const all = programs.flatMap(({ changes }) => changes);
  const of = (action: Action, scope: Change['scope']): number =>
    all.filter(({ change }) => change.action === action && change.scope === scope).length;
  const parts = [
    counted(heldCount(programs), 'change is held back', 'changes are held back'),
    counted(
      of('blocked', 'release'),
      'release is blocked and needs a person',
      'releases are blocked and need a person',
    ),
    counted(
      of('blocked', 'global'),
      'global configuration is blocked',
      'global configurations are blocked',
    ),
    counted(
      of('waiting', 'release'),
      'release waits for something to appear',
      'releases wait for something to appear',
    ),
  ].filter((part) => part !== '');
  return parts.length === 0 ? [] : [say`${parts.join('; ')}.`];
}

function counted(count: number, one: string, many: string): string {
  return count === 0 ? '' : plural(count, one, many);
}

function lacks(programs: readonly ProgramFacts[]): readonly Sentence[] {
  const names = [...new Set(programs.flatMap(({ plan }) => plan.lacks))].sort();
  if (names.length === 0) return [];
  return [say`This platform lacks ${someOf(names, 12)}: convenience is lost, never safety.`];
}
