import { isLive } from '../words/statuses.ts';
import { isoTime } from '../words/time.ts';
import { type ChangeFact, factsOf, type ProgramFacts, releaseKeyOf } from './facts.ts';
import type { PlanSet } from './plan-document.ts';
import { payees } from './words-payees.ts';
import { domainWords, testerWords } from './words-lists.ts';
import { environmentName, plural, type Sentence, someOf, whereOf } from './sentence.ts';
import { visible } from './visible.ts';

/** More programs than this are summed up instead of named one by one. */
const mostPrograms = 4;

/** What a plan means, most important first: what a release manager would ask before saying yes. */
export function sentencesOf(set: PlanSet): readonly Sentence[] {
  const programs = factsOf(set);
  const all = programs.flatMap((program) => program.changes);
  return [
    ...readFrom(set),
    ...happens(programs),
    ...payees(all),
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
    platforms.some((platform) => platform.emulator) || plans.some((plan) => plan.emulator);
  const attested = plans.some((plan) => plan.attested);
  const newest = Math.max(...platforms.map((platform) => platform.attestedAt ?? 0));
  const since = platforms.find((platform) => platform.attestedAt === newest)?.attestedAt;
  return [
    ...(emulated ? [['This is an emulator: no real app is touched.']] : []),
    ...(attested
      ? [
          [
            `The platform was not asked: this stands on what people wrote down${
              since === undefined ? '' : `, last on ${isoTime(since).slice(0, 10)}`
            }.`,
          ],
        ]
      : []),
  ];
}

const isWrite = ({ change }: ChangeFact): boolean =>
  change.action === 'create' || change.action === 'update';

function happens(programs: readonly ProgramFacts[]): readonly Sentence[] {
  const going = programs.flatMap(({ changes }) => changes).filter((fact) => fact.goes);
  const writing = going.filter(isWrite);
  if (going.length === 0) return [[nothing(programs)]];
  if (writing.length === 0) return [[`Nothing changes for anybody: ${adopted(going)}.`]];
  const busy = programs.filter(({ changes }) => changes.some((fact) => fact.goes && isWrite(fact)));
  const told = busy.length <= mostPrograms ? busy.flatMap(program) : summedUp(busy, writing);
  return inProduction(writing) ? told : [...told, ['Nothing changes in Production.']];
}

function nothing(programs: readonly ProgramFacts[]): string {
  const changes = programs
    .flatMap((one) => one.changes)
    .filter(({ change }) => change.scope === 'release');
  if (changes.length === 0) return 'Nothing is declared.';
  const equal = changes.every(({ change }) => change.action === 'unchanged');
  return equal ? 'Nothing to do: everything is as declared.' : 'Nothing is written now.';
}

function adopted(going: readonly ChangeFact[]): string {
  return `${plural(going.length, 'record that is', 'records that are')} as declared already ${
    going.length === 1 ? 'gets' : 'get'
  } our mark, and the test QR codes stay`;
}

function inProduction(facts: readonly ChangeFact[]): boolean {
  return facts.some(({ change }) =>
    change.scope === 'release'
      ? change.key.environment === 'Production'
      : Object.values(change.reach).some((keys) =>
          keys?.some((key) => key.environment === 'Production'),
        ),
  );
}

function program({ plan, changes }: ProgramFacts): readonly Sentence[] {
  const going = changes.filter((fact) => fact.goes);
  const created = going.filter(({ change }) => change.action === 'create');
  const updated = going.filter(
    ({ change }) => change.action === 'update' && change.scope === 'release',
  );
  const name = visible(plan.name);
  return [
    ...byVersion(created).map(([version, keys]) => [
      `${name} ${visible(version)} gets ${plural(keys.length, 'new record')}, in `,
      ...whereOf(keys),
      '.',
    ]),
    ...byVersion(updated).map(([version, keys]) => [
      `${name} ${visible(version)} changes in `,
      ...whereOf(keys),
      '.',
    ]),
    ...going.filter(isGlobalUpdate).map((fact) => globalWords(name, fact)),
  ];
}

function isGlobalUpdate({ change }: ChangeFact): boolean {
  return change.scope === 'global' && change.action === 'update';
}

function globalWords(name: string, { change }: ChangeFact): Sentence {
  const reached =
    change.scope === 'global' ? Object.values(change.reach).flatMap((keys) => keys ?? []) : [];
  const start = `The global configuration of ${name} changes`;
  if (reached.length === 0) return [`${start}; no record that can still change inherits it.`];
  return [`${start}, at once for what inherits it in `, ...whereOf(reached), '.'];
}

function byVersion(facts: readonly ChangeFact[]) {
  const keys = facts.flatMap(({ change }) => releaseKeyOf(change) ?? []);
  const versions = [...new Set(keys.map((key) => key.version))];
  return versions.map(
    (version) => [version, keys.filter((key) => key.version === version)] as const,
  );
}

function summedUp(
  busy: readonly ProgramFacts[],
  writing: readonly ChangeFact[],
): readonly Sentence[] {
  const count = (action: string): readonly ChangeFact[] =>
    writing.filter(({ change }) => change.action === action);
  const names = busy.map(({ plan }) => plan.name);
  const apps = new Set(writing.flatMap(({ change }) => releaseKeyOf(change)?.app ?? []));
  const line = (facts: readonly ChangeFact[], what: string): Sentence => {
    const production = facts.filter((fact) => inProduction([fact])).length;
    return production === 0
      ? [what]
      : [`${what} (${production} in `, ...environmentName('Production'), ')'];
  };
  return [
    [
      `${plural(busy.length, 'program')} (${someOf(names)}) in ${plural(apps.size, 'app')}: `,
      ...line(count('create'), plural(count('create').length, 'new record')),
      ', ',
      ...line(count('update'), plural(count('update').length, 'changed record')),
      '.',
    ],
  ];
}

/** Who feels it, and when. */
function notices(all: readonly ChangeFact[]): readonly Sentence[] {
  const writing = all.filter((fact) => fact.goes && isWrite(fact));
  if (writing.length === 0) return [];
  const pilots = writing.filter(({ change }) => change.status === 'PilotTesting');
  const quiet = writing.length > pilots.length;
  const live = [
    ...new Set(
      writing.flatMap(({ change }) =>
        change.scope === 'release' && change.live && isLive(change.live.status)
          ? change.live.version
          : [],
      ),
    ),
  ];
  const stay =
    live.length === 0 ? '' : `: ${someOf(live)} ${live.length === 1 ? 'stays' : 'stay'} live`;
  return [
    ...(pilots.length === 0
      ? []
      : [
          [
            'Pilot testers notice at once in ',
            ...whereOf(pilots.flatMap(({ change }) => releaseKeyOf(change) ?? [])),
            '.',
          ],
        ]),
    ...(quiet ? [[`Users notice nothing until somebody applies for release${stay}.`]] : []),
  ];
}

function stays(all: readonly ChangeFact[]): readonly Sentence[] {
  const created = all.filter(({ change, goes }) => goes && change.action === 'create').length;
  if (created === 0) return [];
  const what =
    created === 1
      ? 'The new record cannot be removed again'
      : `The ${created} new records cannot be removed again`;
  return [[`${what} (harmless until applied for).`]];
}

function needsPeople(all: readonly ChangeFact[]): readonly Sentence[] {
  const held = all.filter(
    (fact) => fact.held !== undefined || fact.fields.some((field) => field.held),
  ).length;
  const blocked = all.filter(({ change }) => change.action === 'blocked').length;
  const waiting = all.filter(({ change }) => change.action === 'waiting').length;
  const parts = [
    ...(held === 0 ? [] : [`${plural(held, 'change is', 'changes are')} held back`]),
    ...(blocked === 0
      ? []
      : [
          `${plural(blocked, 'release is', 'releases are')} blocked and ${blocked === 1 ? 'needs' : 'need'} a person`,
        ]),
    ...(waiting === 0
      ? []
      : [`${plural(waiting, 'release waits', 'releases wait')} for something to appear`]),
  ];
  return parts.length === 0 ? [] : [[`${parts.join('; ')}.`]];
}

function lacks(programs: readonly ProgramFacts[]): readonly Sentence[] {
  const names = [...new Set(programs.flatMap(({ plan }) => plan.lacks))].sort();
  return names.length === 0
    ? []
    : [[`This platform lacks ${someOf(names, 12)}: convenience is lost, never safety.`]];
}
