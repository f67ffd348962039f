import type { FieldChange, Plan, ReleaseChange } from '../core/model/plan.ts';

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
