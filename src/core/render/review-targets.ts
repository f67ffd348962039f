import type { DiffedField, DiffedRelease, DiffedValue } from '../diff/declaration-diff.ts';
import { planChangeId, planHash, writableChanges } from '../plan/identity.ts';
import type { Change, ChangeId, PlanHash, Shown } from '../model/plan.ts';
import { type FieldPath, secretRefText } from '../words/fields.ts';
import {
  isReleaseKey,
  type ProgramKey,
  programId,
  type ReleaseKey,
  releaseId,
} from '../words/keys.ts';
import type { Origin } from '../words/places.ts';
import type { HeldReason } from '../words/reasons.ts';
import type { Status } from '../words/statuses.ts';
import type { ChangeFact, FieldFact } from './facts.ts';
import { parted } from './held.ts';
import { type Effect, effectOf, newerThan } from './review-effect.ts';
import type { Review, ReviewedProgram } from './review.ts';
import { knownEntries } from './words-lists.ts';

/** One field that the pull request changes, for one target. */
export interface ReviewField {
  readonly path: FieldPath;
  /** In users' hands on the same target; null where nothing is, or where that is not known. */
  readonly live: Shown | null;
  readonly before: Shown;
  readonly after: Shown;
  readonly fate: 'goes' | 'held' | 'locked' | 'declared';
  /** Why it does not go. */
  readonly reason: string | null;
  /** In words, with the one way to allow it taken off. */
  readonly why: string | null;
  readonly cause: string;
  /** `name/key` of the secret it takes its value from. */
  readonly secret: string | null;
  /** Entries of a list that the program never had. */
  readonly news: readonly string[];
  readonly changeId: ChangeId | null;
  /** Lowest layer first: the last gives the value. */
  readonly origins: readonly Origin[];
}

/** One target, or the global configuration of a program, that the pull request is about. */
export interface ReviewTarget {
  readonly key: ReleaseKey | ProgramKey;
  /** What people call the program. */
  readonly program: string;
  /** Name of the document. */
  readonly name: string;
  readonly effect: Effect;
  readonly status: Status | null;
  readonly reasons: readonly string[];
  readonly why: string | null;
  /** What holds it, or some of it. */
  readonly heldBy: HeldReason | null;
  readonly nextStep: string | null;
  readonly undo: string | null;
  readonly live: { readonly version: string; readonly status: Status } | null;
  /** The newest version declared for the same app and environment, where it is newer. */
  readonly newer: string | null;
  readonly fields: readonly ReviewField[];
  /** Fields of the same target that were pending before. */
  readonly riding: readonly FieldPath[];
  readonly changeId: ChangeId | null;
  /** Of a global configuration: the records that it reaches at once. */
  readonly reach: readonly ReleaseKey[];
  readonly origins: readonly Origin[];
}

/** The records a target stands for: its own, or those that a global configuration reaches. */
export function keysOf({ key, reach }: ReviewTarget): readonly ReleaseKey[] {
  return isReleaseKey(key) ? [key] : reach;
}

/** All that the pull request would have of it, a newer version gets. */
export function isSuperseded({ effect, fields }: ReviewTarget): boolean {
  return effect === 'settled' && fields.length > 0 && fields.every(isLeft);
}

/** A newer version gets the change instead. */
export function isLeft({ reason }: ReviewField): boolean {
  return reason === 'Superseded';
}

/** Everything the pull request is about, by program, version, app and environment. */
export function targetsOf(review: Review): readonly ReviewTarget[] {
  const planned = new Map(review.programs.map(({ own }) => [programId(own.plan.key), own.plan]));
  return [
    ...review.programs.flatMap((program) => plannedTargets(program, review)),
    ...review.diff.programs.flatMap(({ key, names, releases, global }) => {
      const plan = planned.get(programId(key));
      const isPlanned = plan !== undefined;
      const name = plan?.name ?? names[0] ?? key.miniProgram;
      const gone = releases.filter(({ change }) => change === 'removed' || !isPlanned);
      return [
        ...(isPlanned ? [] : global.map((one) => declaredTarget({ ...one, name }, name))),
        ...gone.map((one) => declaredTarget(one, name)),
      ];
    }),
  ];
}

function plannedTargets(
  { own, riding, dropped }: ReviewedProgram,
  review: Review,
): readonly ReviewTarget[] {
  const ridden = new Map(riding.changes.map((fact) => [idOf(fact), fact]));
  return [
    ...own.changes.map((fact) => plannedTarget(fact, ridden.get(idOf(fact)), review)),
    ...dropped.changes
      .filter(({ change }) => change.action !== 'create')
      .map((fact) => ({
        ...plannedTarget(fact, undefined, review),
        effect: 'dropped' as const,
        undo: null,
      })),
  ];
}

function idOf({ change }: ChangeFact): string {
  return isReleaseKey(change.key) ? releaseId(change.key) : programId(change.key);
}

function plannedTarget(
  fact: ChangeFact,
  riding: ChangeFact | undefined,
  { locate }: Review,
): ReviewTarget {
  const { change, plan } = fact;
  const live = change.scope === 'release' ? change.live : undefined;
  const effect = effectOf(fact);
  return {
    ...{ key: change.key, program: plan.name, name: change.name, effect },
    ...{ status: change.status, reasons: change.reasons, nextStep: change.nextStep },
    ...heldIn(fact),
    undo: effect === change.action ? change.undo : null,
    live: live ? { version: live.version, status: live.status } : null,
    newer: newerThan(fact),
    fields: fact.fields.flatMap((one) => plannedField(fact, one, locate)),
    riding: (riding?.fields ?? []).flatMap(({ field }) =>
      field.path === 'mark' ? [] : [field.path],
    ),
    changeId: hasSecrets(fact.change) ? null : change.changeId,
    reach: reachOf(fact),
    origins: change.origins.map(locate),
  };
}

function heldIn({ held, fields }: ChangeFact): Pick<ReviewTarget, 'why' | 'heldBy'> {
  const first = held ?? fields.find((one) => one.held)?.held;
  if (!first) return { why: null, heldBy: null };
  return { why: parted(first.message).why, heldBy: first.reason };
}

/** An id holds the fingerprints of secrets, which nobody has here: it would be another one where it is applied. */
function hasSecrets(change: Change): boolean {
  if (change.scope === 'global') return false;
  return Object.values(change.declared ?? {}).some((field) => field?.value.kind === 'secret');
}

function reachOf({ change, fields }: ChangeFact): readonly ReleaseKey[] {
  if (change.scope === 'release') return [];
  const keys = fields.flatMap(({ field }) =>
    field.path === 'mark' ? [] : (change.reach[field.path] ?? []),
  );
  return [...new Map(keys.map((key) => [releaseId(key), key])).values()];
}

function plannedField(
  fact: ChangeFact,
  one: FieldFact,
  locate: Review['locate'],
): readonly ReviewField[] {
  const { plan, change } = fact;
  const { path, before, after, cause, changeId, origins } = one.field;
  if (path === 'mark') return [];
  const live = change.scope === 'release' ? (change.live?.values[path] ?? null) : null;
  return [
    {
      ...{ path, live, before, after, cause },
      changeId: after.state === 'unverified' ? null : changeId,
      ...fateOf(fact, one),
      secret: secretOf(one),
      news: path === 'serverDomains' || path === 'wapUrls' ? newsOf(plan, path, after) : [],
      origins: origins.map(locate),
    },
  ];
}

/** What the change as a whole is held or stuck for holds each of its fields. */
function fateOf(
  { change, held: whole }: ChangeFact,
  { field, held = whole, goes }: FieldFact,
): Pick<ReviewField, 'fate' | 'reason' | 'why'> {
  if (goes) return { fate: 'goes', reason: null, why: null };
  if (held) return { fate: 'held', reason: held.reason, why: parted(held.message, field.path).why };
  return { fate: 'locked', reason: field.locked ?? change.reasons[0] ?? null, why: null };
}

function secretOf({ field: { write } }: FieldFact): string | null {
  const isSecret = write?.to === 'value' && write.value.kind === 'secret';
  return isSecret ? secretRefText(write.value.ref) : null;
}

function newsOf(
  plan: ChangeFact['plan'],
  path: 'serverDomains' | 'wapUrls',
  after: Shown,
): readonly string[] {
  if (after.state !== 'value' || typeof after.value === 'string') return [];
  const known = knownEntries(plan, path);
  return after.value.filter((item) => !known.has(item));
}

type Declared = Omit<DiffedRelease, 'key'> & { readonly key: ReleaseKey | ProgramKey };

const effects = {
  added: 'declared',
  changed: 'declared',
  removed: 'undeclared',
} as const satisfies Record<Declared['change'], Effect>;

/** What is known without any platform. */
function declaredTarget(entry: Declared, program: string): ReviewTarget {
  const barrier = entry.barrier?.after ?? null;
  return {
    ...{ key: entry.key, program, name: entry.name },
    effect: barrier ? 'blocked' : effects[entry.change],
    ...{ status: null, reasons: barrier ? [barrier.reason] : [], why: barrier?.message ?? null },
    heldBy: null,
    ...{
      nextStep: null,
      undo: null,
      live: null,
      newer: null,
      riding: [],
      changeId: null,
      reach: [],
    },
    fields: entry.change === 'removed' ? [] : entry.fields.map(declaredField),
    origins: entry.origins,
  };
}

function declaredField({ path, before, after, origins }: DiffedField): ReviewField {
  return {
    path,
    ...{ live: null, before: shownOf(before), after: shownOf(after) },
    ...{
      fate: 'declared',
      reason: null,
      why: null,
      cause: 'declaration',
      changeId: null,
      news: [],
    },
    secret: after?.state === 'secret' ? `${after.name}/${after.key}` : null,
    origins,
  };
}

function shownOf(value: DiffedValue | null): Shown {
  if (value === null) return { state: 'inherited' };
  if (value.state === 'secret') return { state: 'unverified' };
  return value.state === 'unset' ? { state: 'unset' } : { state: 'value', value: value.value };
}

/** Id and hash of everything after the merge, as they will be where it is applied; null where secrets have a part in them. */
export function planIds({
  plans,
}: Review): Pick<ReviewTarget, 'changeId'> & { readonly planHash: PlanHash | null } {
  const isOpen = plans.length > 0 && !plans.some((plan) => writableChanges(plan).some(hasSecrets));
  return isOpen
    ? { changeId: planChangeId(plans), planHash: planHash(plans) }
    : { changeId: null, planHash: null };
}
