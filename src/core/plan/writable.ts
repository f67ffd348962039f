import type { Reason } from '../words/reasons.ts';
import { isVariable, type FieldPath } from '../words/fields.ts';
import type { Status } from '../words/statuses.ts';
import type { ReleaseKey } from '../words/keys.ts';
import type { Context, Subject } from './context.ts';
import type { Difference } from './differences.ts';

/** Most environment variables one release may hold. */
export const maxVariables = 5;

/** At least one origin of the value stands in the release's own document; also false once nobody declares it. */
export function isOwn({ field }: Pick<Difference, 'field'>, { release }: Subject): boolean {
  return field?.origins.some(({ document }) => document === release.document) ?? false;
}

/** Why a field of an existing record cannot be written; null if it can. The limit of variables is judged apart. */
export function lockOf(difference: Difference, subject: Subject, context: Context): Reason | null {
  if (subject.release.superseded && !isOwn(difference, subject)) return 'Superseded';
  if (!isEditable(difference.path, subject.record?.status)) return 'ConfigLocked';
  if (difference.isSecretUnavailable) return 'SecretUnavailable';
  if (context.observed.contended?.[subject.id]?.includes(difference.path)) return 'Contended';
  return forbids(difference.path, subject.release.key, {
    isRemoval: difference.verdict.write === 'inherit',
    context,
  });
}

function isEditable(path: FieldPath, status: Status | undefined): boolean {
  return status === 'NewVersionCreated' || (status === 'PilotTesting' && path === 'testers');
}

interface Attempt {
  readonly isRemoval: boolean;
  readonly context: Context;
}

/** What the target app or the program does not allow, whatever the status. */
export function forbids(
  path: FieldPath,
  { app }: Pick<ReleaseKey, 'app'>,
  { isRemoval, context }: Attempt,
): Reason | null {
  if (isVariable(path))
    return !isRemoval && lacksVariables(app, context) ? 'VariablesUnavailable' : null;
  return isDomainField(path) && lacksDomains(context) ? 'DomainsNotGranted' : null;
}

export function isDomainField(path: FieldPath): boolean {
  return path === 'serverDomains' || path === 'wapUrls';
}

/** The administrator of the super app has not let this program edit its domains. */
export function lacksDomains({ observed }: Pick<Context, 'observed'>): boolean {
  return observed.miniProgram?.domainsGranted === false;
}

/** Web programs have no variables, and a target app may have switched them off. */
function lacksVariables(app: string, { observed }: Context): boolean {
  if (observed.miniProgram?.type === 'H5+') return true;
  return observed.targets?.find((target) => target.app === app)?.environmentVariables === false;
}

/**
 * Whether new variables would take the record above the limit: it counts what the record would hold, so also undeclared
 * ones and those whose removal is held by policy.
 *
 * @param locks  the locks of the differences otherwise, in their order
 */
export function exceedsVariables(
  differences: readonly Difference[],
  locks: readonly (Reason | null)[],
  { release, record }: Subject,
): boolean {
  const free = differences.filter(({ path }, i) => isVariable(path) && locks[i] === null);
  const added = free.filter(
    ({ verdict, observed }) => verdict.write === 'value' && !observed,
  ).length;
  const isRemovalHeld = ({ verdict }: Difference): boolean =>
    verdict.cause === 'undeclared' && release.policy.onDrift !== 'Apply';
  const removed = free.filter(
    (one) => one.verdict.write === 'inherit' && !isRemovalHeld(one),
  ).length;
  return added > 0 && variableCount(record?.config ?? {}) - removed + added > maxVariables;
}

export function variableCount(config: Readonly<Record<string, unknown>>): number {
  return Object.keys(config).filter(isVariable).length;
}
