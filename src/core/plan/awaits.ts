import type { Await, ChangeId, FieldChange, GlobalChange } from '../model/plan.ts';
import { isField, type Field } from '../words/fields.ts';
import { releaseText, type Subject } from './context.ts';
import { unitIds } from './identity.ts';
import { inheriting } from './reach.ts';
import type { PlannedRelease } from './release-change.ts';

/**
 * What may not be applied unless something else is, so that no release ever gets a value that was not meant for it:
 *
 *   global F       waits for   the own F of every claimed release that inherits F today and is declared to have its own
 *   global F       is held by  a release under review that would inherit F after a withdrawal and is declared otherwise
 *   a create, and  wait for    global F, where they would inherit it
 *   an own F that goes
 */
export function awaitsOf(
  global: GlobalChange | undefined,
  releases: readonly PlannedRelease[],
): readonly Await[] {
  if (!global) return [];
  return global.fields.flatMap((field) => {
    if (!isField(field.path)) return [];
    const link: Link = { global, field, path: field.path };
    return [...globalAwaits(link, releases), ...releaseAwaits(link, releases)];
  });
}

interface Link {
  readonly global: GlobalChange;
  readonly field: FieldChange;
  readonly path: Field;
}

function globalAwaits(
  { field, path }: Link,
  releases: readonly PlannedRelease[],
): readonly Await[] {
  const inherits = new Set(
    inheriting(
      path,
      releases.map(({ subject }) => subject),
    ),
  );
  return releases.flatMap((release): Await[] => {
    const { subject } = release;
    if (inherits.has(subject)) return ownAwait(release, field, path);
    return isUnderReview(subject, path) ? [reviewAwait(subject, field.changeId, path)] : [];
  });
}

/** A superseded release does not count: nobody is going to release it. */
function ownAwait({ subject, change }: PlannedRelease, field: FieldChange, path: Field): Await[] {
  const { release } = subject;
  if (release.superseded || !(isOut(subject) || release.config[path])) return [];
  const own = change.fields.find((one) => one.path === path);
  const on = change.action === 'update' && own?.write ? own.changeId : null;
  const why = isOut(subject)
    ? `what is declared for ${releaseText(release.key)} cannot be read, and it inherits ${path} today`
    : `${releaseText(release.key)} inherits ${path} today and must get its own value first`;
  return [{ changeId: field.changeId, on, held: 'AwaitsOther', message: why }];
}

/** Out: its wish is unknown. */
function isOut({ release }: Subject): boolean {
  return release.barrier !== undefined && release.barrier.reason !== 'NotGranted';
}

function isUnderReview(subject: Subject, path: Field): boolean {
  const { release, record } = subject;
  if (record?.status !== 'UnderReview' || record.config[path] !== undefined) return false;
  if (subject.isRival || release.barrier?.reason === 'NotGranted') return false;
  return isOut(subject) || release.config[path] !== undefined;
}

function reviewAwait({ release }: Subject, changeId: ChangeId, path: Field): Await {
  return {
    changeId,
    on: null,
    held: 'AwaitingApproval',
    message: `${releaseText(release.key)} is under review and has no ${path} of its own: a withdrawal would give this release the new value`,
  };
}

function releaseAwaits(
  { field, path, global }: Link,
  releases: readonly PlannedRelease[],
): readonly Await[] {
  const on = global.action === 'update' && field.write ? field.changeId : null;
  const message = `the global ${path} must be changed first, or this release would inherit the old one`;
  return releases
    .flatMap((release) => waiting(release, path))
    .map((changeId) => ({ changeId, on, held: 'AwaitsOther', message }));
}

/** Creates and fields that would inherit the field. */
function waiting({ subject, change }: PlannedRelease, path: Field): readonly ChangeId[] {
  if (change.action === 'create') return subject.release.config[path] ? [] : unitIds(change);
  if (change.action !== 'update') return [];
  return change.fields
    .filter((one) => one.path === path && one.write?.to === 'inherit')
    .map(({ changeId }) => changeId);
}
