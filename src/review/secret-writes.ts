import { fieldChangeId } from '../core/plan/identity.ts';
import { noBase } from '../core/plan/mark.ts';
import type { DesiredProgram, DesiredRelease, ResolvedField } from '../core/model/desired.ts';
import type { FieldChange, Plan, ReleaseChange } from '../core/model/plan.ts';
import { type FieldPath, pathsOf, secretRefText } from '../core/words/fields.ts';
import { releaseId } from '../core/words/keys.ts';

/**
 * The plan as it is where the secrets are: after the merge somebody applies it who can open them, so a secret that
 * cannot be compared here holds nothing back.
 */
export function asWhereSecretsAre(plan: Plan): Plan {
  return {
    ...plan,
    changes: plan.changes.map((change) => ({
      ...change,
      fields: change.fields.map((field) => given(field, change)),
    })),
    // Says that nobody here holds the key under which secrets were noted: that is so on purpose.
    problems: plan.problems.filter(({ rule }) => rule !== 'foreign-fingerprint-key'),
  };
}

function given(field: FieldChange, { declared }: ReleaseChange): FieldChange {
  const { path, after, write, locked } = field;
  if (path === 'mark' || after.state !== 'unverified' || write || locked !== null) return field;
  const value = declared?.[path]?.value;
  return value ? { ...field, write: { to: 'value', value } } : field;
}

/**
 * The plan of head with the fields that take their value from another secret than on the base: whether the values differ
 * nobody here knows, so each counts as a change.
 */
export function withOtherSecrets(plan: Plan, before: DesiredProgram | undefined): Plan {
  const old = new Map((before?.releases ?? []).map((one) => [releaseId(one.key), one]));
  return {
    ...plan,
    changes: plan.changes.map((one) => withOther(one, old.get(releaseId(one.key)))),
  };
}

function withOther(change: ReleaseChange, old: DesiredRelease | undefined): ReleaseChange {
  const { declared = {}, fields, status } = change;
  if (!old || status === null || change.action === 'blocked') return change;
  const known = new Set(fields.map(({ path }) => path));
  const added = pathsOf(declared).flatMap((path) => {
    const wish = declared[path];
    const isOther = wish !== undefined && isOtherSecret(wish, old.config[path]);
    return isOther && !known.has(path) ? [otherSecret(change, path, wish)] : [];
  });
  if (added.length === 0) return change;
  const isOpen = status === 'NewVersionCreated';
  return { ...change, action: isOpen ? 'update' : 'settled', fields: [...fields, ...added] };
}

function isOtherSecret({ value }: ResolvedField, old: ResolvedField | undefined): boolean {
  if (value.kind !== 'secret') return false;
  if (old?.value.kind !== 'secret') return true;
  return secretRefText(value.ref) !== secretRefText(old.value.ref);
}

function otherSecret(
  { key, status }: ReleaseChange,
  path: FieldPath,
  { value, origins }: ResolvedField,
): FieldChange {
  const unseen = { state: 'unverified' } as const;
  const isOpen = status === 'NewVersionCreated';
  return {
    ...{ path, before: unseen, after: unseen, sensitive: true, cause: 'declaration' },
    changeId: fieldChangeId({ key, path, before: unseen, after: unseen, base: noBase }),
    ...(isOpen ? { locked: null, write: { to: 'value', value } } : { locked: 'ConfigLocked' }),
    ...{ nextBase: noBase, step: 1, own: true, effective: true, origins },
  };
}
