import type {
  Base,
  Change,
  ChangeId,
  FieldChange,
  Plan,
  PlanHash,
  Precondition,
  Shown,
} from '../model/plan.ts';
import { digestOf, hexDigest } from '../words/digests.ts';
import {
  compareText,
  isReleaseKey,
  programId,
  releaseId,
  type ProgramKey,
  type ReleaseKey,
} from '../words/keys.ts';
import type { Action } from '../words/reasons.ts';
import { markCondition } from './request-id.ts';

/** Part of every plan hash: a plan of another format is another plan. */
export const planFormatVersion = 1;

const idLength = 12;

/** Stands where there is nothing to approve, so that the many unchanged releases cost no digest. */
export const noChangeId: ChangeId = `c-${'0'.repeat(idLength)}` as ChangeId;

/** What makes a field change the one that was shown: key, field, both values, base. */
export interface FieldIdentity {
  readonly key: ProgramKey | ReleaseKey;
  readonly path: FieldChange['path'];
  readonly before: Shown;
  readonly after: Shown;
  readonly base: Base;
}

/** `c-` and 12 hex characters; a changed before or after is another change. */
export function fieldChangeId({ key, path, before, after, base }: FieldIdentity): ChangeId {
  return changeId({
    key: keyText(key),
    path,
    before: digestOf(before),
    after: digestOf(after),
    base,
  });
}

/** The id of a change: of its fields' ids, sorted. A change without fields, such as a bare create, goes by its key. */
export function changeIdOf(key: ProgramKey | ReleaseKey, fields: readonly FieldChange[]): ChangeId {
  if (fields.length === 0) return changeId({ key: keyText(key), fields: [] });
  return changeId(fields.map((field) => field.changeId).toSorted(compareText));
}

/** The id of everything the plans could write. */
export function planChangeId(plans: readonly Plan[]): ChangeId {
  return changeId(plans.flatMap(writableChanges).flatMap(unitIds).toSorted(compareText));
}

const written: ReadonlySet<Action> = new Set<Action>(['create', 'update', 'adopt']);

/** The changes of a plan that could be written, held ones included. */
export function writableChanges(plan: Plan): readonly Change[] {
  return [...plan.global, ...plan.changes].filter(({ action }) => written.has(action));
}

/** What is approved one by one: the fields of a change, or the change where it has none. */
export function unitIds(change: Change): readonly ChangeId[] {
  return change.fields.length === 0
    ? [change.changeId]
    : change.fields.map((field) => field.changeId);
}

/**
 * The approvals as field ids: ids of a set of plans, of a plan, of a change and of a field all come down to fields, and
 * what names nothing in these plans is dropped.
 */
export function expandAllowed(
  plans: readonly Plan[],
  ids: Iterable<ChangeId>,
): ReadonlySet<ChangeId> {
  const wanted = new Set(ids);
  const allowed = new Set<ChangeId>();
  if (wanted.size === 0) return allowed;
  const isWholeSet = wanted.has(planChangeId(plans));
  for (const plan of plans) {
    const isWhole = isWholeSet || wanted.has(planChangeId([plan]));
    for (const id of writableChanges(plan).flatMap((change) => expanded(change, wanted, isWhole))) {
      allowed.add(id);
    }
  }
  return allowed;
}

function expanded(
  change: Change,
  wanted: ReadonlySet<ChangeId>,
  isWhole: boolean,
): readonly ChangeId[] {
  const ids = unitIds(change);
  return isWhole || wanted.has(change.changeId) ? ids : ids.filter((id) => wanted.has(id));
}

/**
 * What must be the same for a plan to be the same: format, program keys, and each create, update, adopt and global change,
 * held ones included, with its precondition and values as digests or fingerprints. Nothing else.
 *
 * @see RFC 8785 for the canonical form
 */
export function planHash(plans: readonly Plan[]): PlanHash {
  return digestOf({
    formatVersion: planFormatVersion,
    programs: plans.map(({ key }) => programId(key)).toSorted(compareText),
    changes: plans
      .flatMap(writableChanges)
      .map(hashed)
      .toSorted((a, b) => compareText(a.key, b.key)),
  }) as string as PlanHash;
}

function hashed(change: Change) {
  return {
    key: keyText(change.key),
    action: change.action,
    precondition: hashedPrecondition(change.precondition),
    fields: change.fields
      .filter(({ locked }) => locked === null)
      .map(({ path, before, after }) => ({
        path,
        before: digestOf(before),
        after: digestOf(after),
      })),
  };
}

function hashedPrecondition(precondition: Precondition) {
  if (precondition.kind !== 'record') return precondition.kind;
  return { revision: precondition.revision, mark: markCondition(precondition.mark) };
}

function keyText(key: ProgramKey | ReleaseKey): string {
  return isReleaseKey(key) ? releaseId(key) : programId(key);
}

function changeId(value: unknown): ChangeId {
  return `c-${hexDigest(value, idLength)}` as ChangeId;
}
