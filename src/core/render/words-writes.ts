import type { GlobalChange } from '../model/plan.ts';
import type { ReleaseKey } from '../words/keys.ts';
import type { Action } from '../words/reasons.ts';
import { type ChangeFact, isHeld, marksOnly, type ProgramFacts, releaseKeyOf } from './facts.ts';
import { environmentName, plural, said, say, type Sentence, someOf, whereOf } from './sentence.ts';

/** More programs than this are summed up instead of named one by one. */
const mostPrograms = 4;

/** What is written, program by program; what would be and is held; whether Production is touched. */
export function happens(programs: readonly ProgramFacts[]): readonly Sentence[] {
  const all = programs.flatMap(({ changes }) => changes);
  const writing = all.filter(({ goes }) => goes);
  const marked = all.filter(({ marks }) => marks);
  const busy = programs.filter(({ changes }) => changes.some(({ goes }) => goes));
  const told = busy.length <= mostPrograms ? busy.flatMap(program) : [summedUp(busy, writing)];
  const wished = programs.flatMap(heldCreates);
  if (writing.length === 0)
    return [...wished, marked.length === 0 ? nothing(programs) : adopted(marked)];
  const isCalm = !inProduction([...writing, ...all.filter(isHeld)]);
  return [...told, ...wished, ...(isCalm ? [say`Nothing changes in Production.`] : [])];
}

function heldCreates({ plan, changes }: ProgramFacts): readonly Sentence[] {
  return byVersion(changes.filter(isHeld), 'create').map(({ version, keys }) => {
    const held = keys.length === 1 ? 'it is held' : 'they are held';
    return say`${said(plan.name)} ${said(version)} would get ${plural(keys.length, 'new record')}, in ${whereOf(keys)}, but ${held}.`;
  });
}

function nothing(programs: readonly ProgramFacts[]): Sentence {
  const actions = new Set(
    programs
      .flatMap((one) => one.changes)
      .filter(({ change }) => change.scope === 'release' || change.action !== 'unchanged')
      .map(({ change }) => change.action),
  );
  if (actions.size === 0) return say`Nothing is declared.`;
  actions.delete('unchanged');
  const isBlind = programs.some(({ plan }) => plan.unverified.length > 0);
  if (actions.size === 0)
    return isBlind
      ? say`Nothing to do, as far as can be seen here.`
      : say`Nothing to do: everything is as declared.`;
  actions.delete('settled');
  return actions.size === 0
    ? say`Nothing to do: what differs takes effect with the next version.`
    : say`Nothing is written now.`;
}

function adopted(marked: readonly ChangeFact[]): Sentence {
  const records = marked.filter(({ change }) => change.scope === 'release').length;
  const what = [
    ...(records === 0 ? [] : [plural(records, 'record')]),
    ...(records < marked.length ? ['the global configuration'] : []),
  ].join(' and ');
  const isHeldOnly = marked.some(marksOnly);
  if (isHeldOnly)
    return say`Nothing changes for anybody: ${what} ${marked.length === 1 ? 'gets' : 'get'} our mark, and test QR codes stay.`;
  const verb =
    marked.length === 1 ? 'is as declared already and gets' : 'are as declared already and get';
  return say`Nothing changes for anybody: ${what} ${verb} our mark, and test QR codes stay.`;
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
