import type { Policy } from '../model/policy.ts';
import type { Field } from '../words/fields.ts';
import { compareText, type ReleaseKey } from '../words/keys.ts';
import type { Context, Subject } from './context.ts';

/** Claimed releases in `NewVersionCreated` that inherit the field today. */
export function inheriting(field: Field, subjects: readonly Subject[]): readonly Subject[] {
  return subjects.filter(
    ({ isRival, release, record }) =>
      !isRival &&
      release.barrier?.reason !== 'NotGranted' &&
      record?.status === 'NewVersionCreated' &&
      record.config[field] === undefined,
  );
}

/**
 * Those of them that go on inheriting, whose policies count for a global change: the others get a value of their own
 * before it is made, or hold it.
 */
export function followers(field: Field, subjects: readonly Subject[]): readonly Subject[] {
  return inheriting(field, subjects).filter((subject) => !isPinned(field, subject));
}

/** Whether the release is declared to have a value of its own that may still be written. */
function isPinned(field: Field, { release }: Subject): boolean {
  if (release.barrier || !release.config[field]) return false;
  return (
    !release.superseded ||
    release.config[field].origins.some(({ document }) => document === release.document)
  );
}

/**
 * The releases, claimed or not, whom a new global value reaches at once: they inherit the field and go on inheriting it.
 * One that is declared to have a value of its own gets it before the global change, or holds that change.
 */
export function reachOf(
  field: Field,
  subjects: readonly Subject[],
  { observed }: Context,
): readonly ReleaseKey[] {
  const pinned = new Set<string>(
    subjects.filter((one) => isPinned(field, one)).map(({ id }) => id),
  );
  return Object.entries(observed.releases)
    .filter(
      ([id, { status, config }]) =>
        status === 'NewVersionCreated' && !config[field] && !pinned.has(id),
    )
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([, { key }]) => key);
}

const onChange = ['Apply', 'Plan'] as const satisfies readonly Policy['onChange'][];
const onDrift = ['Apply', 'Report', 'Ignore'] as const satisfies readonly Policy['onDrift'][];

/** Plan before Apply; Ignore before Report before Apply. What is undeclared stays at the global level. */
export function strictest(policies: readonly [Policy, ...Policy[]]): Policy {
  return {
    onChange: last(
      onChange,
      policies.map((policy) => policy.onChange),
    ),
    onDrift: last(
      onDrift,
      policies.map((policy) => policy.onDrift),
    ),
    undeclared: 'Report',
  };
}

function last<T extends string>(order: readonly [T, ...T[]], found: readonly T[]): T {
  return order.toReversed().find((one) => found.includes(one)) ?? order[0];
}
