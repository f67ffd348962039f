import type { DesiredRelease, ResolvedField } from '../model/desired.ts';
import type { Base, FieldChange } from '../model/plan.ts';
import { pathsOf, type FieldPath } from '../words/fields.ts';
import type { Action, Reason } from '../words/reasons.ts';
import type { Context } from './context.ts';
import { fieldChangeId } from './identity.ts';
import { noBase } from './mark.ts';
import type { Wish } from './sight.ts';
import { forbids } from './writable.ts';

/** How long an upload may follow the commit that declares its release. */
const uploadDeadlineMs = 24 * 60 * 60 * 1000;

/** What a release without a record comes to. */
export interface Missing {
  readonly action: Extract<Action, 'settled' | 'waiting' | 'blocked' | 'create'>;
  readonly reasons: readonly Reason[];
  readonly fields: readonly FieldChange[];
  /** Bases the record has once it is made. */
  readonly bases: Readonly<Partial<Record<FieldPath, Base>>>;
}

/** A create is all or nothing: one field that cannot be given blocks it, all reasons named. */
export function planMissing(release: DesiredRelease, context: Context): Missing {
  if (release.superseded && !release.own)
    return { action: 'settled', reasons: [], fields: [], bases: {} };
  const fields = createdFields(release, context);
  const bases = Object.fromEntries(fields.map(({ path, nextBase }) => [path, nextBase]));
  return { ...verdictOf(release, fields, context), fields, bases };
}

function verdictOf(
  release: DesiredRelease,
  fields: readonly FieldChange[],
  context: Context,
): Pick<Missing, 'action' | 'reasons'> {
  const absent = absentReasons(release, context);
  const unavailable: readonly Reason[] = isOffered(release, context) ? [] : ['TargetUnavailable'];
  if (absent.length > 0) {
    const action = isWithinDeadline(release, context) ? 'waiting' : 'blocked';
    return { action, reasons: [...absent, ...unavailable] };
  }
  const locked = fields.flatMap((field) => field.locked ?? []);
  const reasons = [...new Set([...unavailable, ...locked])];
  return { action: reasons.length > 0 ? 'blocked' : 'create', reasons };
}

function absentReasons({ key }: DesiredRelease, { observed }: Context): readonly Reason[] {
  if (observed.existence === 'missing') return ['MiniProgramNotFound'];
  return observed.versions?.includes(key.version) === false ? ['VersionNotUploaded'] : [];
}

function isOffered({ key }: DesiredRelease, { observed }: Context): boolean {
  if (!observed.targets) return true;
  const target = observed.targets.find(({ app }) => app === key.app);
  return target?.environments.includes(key.environment) ?? false;
}

/** Plain files have no deadline: nobody knows when the wish was first known. */
function isWithinDeadline({ since }: DesiredRelease, { now }: Context): boolean {
  return since === undefined || now - since <= uploadDeadlineMs;
}

function createdFields(release: DesiredRelease, context: Context): readonly FieldChange[] {
  return pathsOf(release.config).flatMap((path) => {
    const field = release.config[path];
    return field ? createdField(path, field, release, context) : [];
  });
}

function createdField(
  path: FieldPath,
  { value, origins }: ResolvedField,
  release: DesiredRelease,
  context: Context,
): FieldChange {
  const wish: Wish = { path, value, source: release.source };
  const compared = context.sight.compare(wish, { path, observed: undefined, held: undefined });
  const locked =
    compared === 'unavailable'
      ? 'SecretUnavailable'
      : forbids(path, release.key, { isRemoval: false, context });
  const before = { state: 'unset' } as const;
  const after = context.sight.showDesired(wish);
  return {
    path,
    before,
    after,
    sensitive: value.kind === 'secret',
    cause: 'declaration',
    changeId: fieldChangeId({ key: release.key, path, before, after, base: noBase }),
    locked,
    ...(locked === null && compared !== 'unverified' ? { write: { to: 'value', value } } : {}),
    nextBase: context.sight.desiredBase(wish) ?? noBase,
    step: 3,
    own: origins.some(({ document }) => document === release.document),
    effective: true,
    origins,
  };
}
