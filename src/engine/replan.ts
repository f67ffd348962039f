import type { Change, ChangeId, FieldChange, Plan } from '../core/model/plan.ts';
import type { Fingerprints } from '../core/model/observed.ts';
import type { Written } from '../core/model/write.ts';
import { releaseId } from '../core/words/keys.ts';
import type { Held } from './holds.ts';
import { planFully } from './read.ts';
import type { Run } from './run.ts';

/** A fresh plan's view of one change. */
export interface Replanned {
  readonly plan: Plan;
  /** Absent when nothing is wanted of the key any more. */
  readonly change: Change | undefined;
  readonly held: Held;
  readonly fingerprints: Fingerprints;
}

/**
 * Observes the key again and plans its program again.
 *
 * @throws ReconcileError what observing or planning throws
 */
export async function replan(change: Change, run: Run): Promise<Replanned> {
  const { context, ports, signal } = run;
  const touched = change.scope === 'release' ? { touched: new Set([releaseId(change.key)]) } : {};
  const { plan, observed, fingerprints } = await planFully(
    context.desired,
    ports,
    { ...context, mode: 'hot', ...touched },
    signal,
  );
  for (const { key } of Object.values(observed.releases)) run.shown.add(releaseId(key));
  if (change.scope === 'global') {
    const held: Written | undefined = observed.miniProgram && {
      kind: 'global',
      global: observed.miniProgram.global,
    };
    return { plan, change: plan.global[0], held, fingerprints };
  }
  const id = releaseId(change.key);
  if (!(id in observed.releases)) run.shown.delete(id);
  const release = observed.releases[id];
  const same = plan.changes.find(({ key }) => releaseId(key) === id);
  return { plan, change: same, held: release && { kind: 'release', release }, fingerprints };
}

/** What of the decided fields may still be written: those with the very same change id, unlocked. */
export function remaining(
  fields: readonly FieldChange[],
  change: Change | undefined,
): readonly FieldChange[] {
  const ids = new Set(fields.map(({ changeId }) => changeId));
  return (change?.fields ?? []).filter((field) => ids.has(field.changeId) && isWritable(field));
}

function isWritable(field: FieldChange): boolean {
  return field.path !== 'mark' && field.locked === null && field.write !== undefined;
}

/**
 * Which of the ids wait for something that is not on the platform.
 *
 * `decide` holds what it knows to wait for ever; this is for what was decided together and then failed.
 *
 * @param ids  of fields, and of a create as a whole
 */
export function awaiting(
  plan: Plan,
  ids: readonly ChangeId[],
  applied: ReadonlySet<ChangeId>,
): ReadonlySet<ChangeId> {
  const unmet = plan.awaits.filter(
    ({ held, on }) => held === 'AwaitsOther' && !(on !== null && applied.has(on)),
  );
  const waiting = new Set(unmet.map(({ changeId }) => changeId));
  return new Set(ids.filter((id) => waiting.has(id)));
}
