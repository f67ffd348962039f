import type { LiveRelease } from '../model/plan.ts';
import { canonicalJson } from '../words/digests.ts';
import { environments, type Environment } from '../words/environments.ts';
import { compareText, programId, type ReleaseKey } from '../words/keys.ts';
import type { Action } from '../words/reasons.ts';
import { compareVersions } from '../words/versions.ts';
import { type ChangeFact, type ProgramFacts, releaseKeyOf } from './facts.ts';

/** Changes that say the same of several targets of one version; never empty. */
export interface Group {
  readonly first: ChangeFact;
  readonly members: readonly [ChangeFact, ...ChangeFact[]];
}

/** What is read first stands first. */
const reading = [
  'create',
  'update',
  'adopt',
  'blocked',
  'waiting',
  'settled',
  'unchanged',
] as const satisfies readonly Action[];

/** The changes of a program in the order people read them, those that differ in nothing but the target together. */
export function groupsOf({ changes }: ProgramFacts): readonly Group[] {
  const byMeaning = new Map<string, [ChangeFact, ...ChangeFact[]]>();
  for (const fact of changes) {
    const meaning = meaningOf(fact);
    const known = byMeaning.get(meaning);
    if (known) known.push(fact);
    else byMeaning.set(meaning, [fact]);
  }
  return [...byMeaning.values()]
    .map((members) => ({ first: members[0], members }))
    .sort(compareGroups);
}

function meaningOf({ change, fields, held, marks }: ChangeFact): string {
  const release = releaseKeyOf(change);
  const live = change.scope === 'release' ? change.live : undefined;
  return canonicalJson([
    programId(change.key),
    change.scope,
    release?.version ?? null,
    [change.action, change.status, change.reasons, change.nextStep, change.undo],
    [held?.reason ?? null, marks],
    fields.map((fact) => ({
      ...{ path: fact.field.path, before: fact.field.before, after: fact.field.after },
      ...{ cause: fact.field.cause, locked: fact.field.locked, surplus: fact.field.surplus ?? 0 },
      ...{ origins: fact.field.origins, goes: fact.goes, held: fact.held?.reason ?? null },
      live: live?.values[fact.field.path as keyof LiveRelease['values']] ?? null,
    })),
    live?.version ?? null,
    change.scope === 'release' ? { ...change.inherits } : null,
  ]);
}

function compareGroups(a: Group, b: Group): number {
  return (
    reading.indexOf(a.first.change.action) - reading.indexOf(b.first.change.action) ||
    compareKeys(releaseKeyOf(a.first.change), releaseKeyOf(b.first.change))
  );
}

/** The global configuration first, then the newest version, Production before the rest. */
function compareKeys(a: ReleaseKey | undefined, b: ReleaseKey | undefined): number {
  if (!a || !b) return (a ? 1 : 0) - (b ? 1 : 0);
  return (
    compareVersions(b.version, a.version) ||
    environments.indexOf(a.environment) - environments.indexOf(b.environment) ||
    compareText(a.app, b.app)
  );
}

/** Apps by environment, Production first, apps sorted and each named once. */
export function appsByEnvironment(
  keys: readonly Pick<ReleaseKey, 'app' | 'environment'>[],
): readonly { readonly environment: Environment; readonly apps: readonly string[] }[] {
  return environments
    .map((environment) => ({
      environment,
      apps: [
        ...new Set(keys.filter((key) => key.environment === environment).map((key) => key.app)),
      ].sort(compareText),
    }))
    .filter(({ apps }) => apps.length > 0);
}
