import { planChangeId, planFormatVersion, planHash } from '../plan/identity.ts';
import type { Change, ChangeId, Decision, FieldChange, Held, Plan } from '../model/plan.ts';
import {
  compareText,
  isReleaseKey,
  programId,
  type ProgramKey,
  type ReleaseKey,
} from '../words/keys.ts';
import type { Locate, Origin, Place } from '../words/places.ts';
import type { Problem } from '../words/problems.ts';
import { heldReasons, type Action } from '../words/reasons.ts';
import { epochMs, isoTime, type EpochMs } from '../words/time.ts';
import { byProgram, compareReleases, orderedPlans } from './order.ts';
import type {
  ChangeDocument,
  FieldDocument,
  OriginDocument,
  PlanDocument,
  ProblemDocument,
} from './plan-schema.ts';

/** A platform that was read for a plan. */
export interface PlatformRead {
  readonly connection: string;
  readonly platform: string;
  readonly driver: string;
  readonly emulator: boolean;
  /** The newest of what people attested, for a platform read from a file. */
  readonly attestedAt?: EpochMs;
}

/** Everything a rendering of a plan may know. Any order of plans and decisions renders the same. */
export interface PlanSet {
  readonly plans: readonly Plan[];
  readonly decisions: readonly Decision[];
  readonly platforms: readonly PlatformRead[];
  /** Reads made and writes to come. */
  readonly apiCalls: { readonly reads: number; readonly writes: number };
  readonly ratePerSecond: number;
  readonly problems: readonly Problem[];
  readonly locate: Locate;
  readonly now: EpochMs;
  /** Show what is unchanged too. */
  readonly all: boolean;
}

/** The plan as JSON; the order of programs, releases and fields does not depend on the order of the input. */
export function planDocument(set: PlanSet): PlanDocument {
  const plans = orderedPlans(set);
  const held = heldById(set.decisions);
  const toDocument = (change: Change): ChangeDocument => changeDocument(change, held, set.locate);
  const unmanaged = unmanagedOf(plans);
  return {
    formatVersion: planFormatVersion,
    kind: 'Plan',
    planHash: planHash(plans),
    changeId: planChangeId(plans),
    observedAt: isoTime(observedAt(set)),
    platforms: platformDocuments(set.platforms),
    summary: {
      ...countActions(plans),
      ...countOthers(plans, held),
      unmanaged: unmanaged?.length ?? null,
    },
    apiCalls: { reads: set.apiCalls.reads, writes: set.apiCalls.writes },
    global: plans.flatMap((plan) => plan.global).map(toDocument),
    changes: plans
      .flatMap((plan) => plan.changes)
      .filter((change) => set.all || change.action !== 'unchanged')
      .map(toDocument),
    undeclared: plans
      .flatMap((plan) => plan.undeclared)
      .map(({ key, path }) => ({ key: keyDocument(key), path })),
    unmanaged,
    problems: problemsOf(set).map(problemDocument),
  };
}

/** What is wrong with the declarations, then what the plans remark on. */
export function problemsOf(set: Pick<PlanSet, 'plans' | 'problems'>): readonly Problem[] {
  return [...set.problems, ...byProgram(set.plans).flatMap((plan) => plan.problems)];
}

/** The platforms that were read, as JSON. */
export function platformDocuments(platforms: readonly PlatformRead[]): PlanDocument['platforms'] {
  return platforms
    .toSorted((a, b) => compareText(a.connection, b.connection))
    .map(({ connection, platform, driver, emulator, attestedAt }) => ({
      connection,
      platform,
      driver,
      emulator,
      attestedAt: attestedAt === undefined ? null : isoTime(attestedAt),
    }));
}

/** The oldest reading the plan stands on. */
export function observedAt({ plans, now }: Pick<PlanSet, 'plans' | 'now'>): EpochMs {
  return epochMs(plans.reduce((oldest, plan) => Math.min(oldest, plan.observedAt), Number(now)));
}

/** What is held, by field change; of several reasons the one that is hardest to lift. */
export function heldById(decisions: readonly Decision[]): ReadonlyMap<ChangeId, Held> {
  const held = new Map<ChangeId, Held>();
  for (const one of decisions.flatMap((decision) => decision.held)) {
    const known = held.get(one.changeId);
    if (!known || rank(one) < rank(known)) held.set(one.changeId, one);
  }
  return held;
}

function rank({ reason }: Held): number {
  return heldReasons.indexOf(reason);
}

function countActions(plans: readonly Plan[]): Record<Action, number> {
  const all = plans.flatMap((plan) => plan.changes);
  const count = (action: Action): number => all.filter((change) => change.action === action).length;
  return {
    create: count('create'),
    adopt: count('adopt'),
    update: count('update'),
    unchanged: count('unchanged'),
    settled: count('settled'),
    waiting: count('waiting'),
    blocked: count('blocked'),
  };
}

function countOthers(plans: readonly Plan[], held: ReadonlyMap<ChangeId, Held>) {
  const everything = plans.flatMap((plan): readonly Change[] => [...plan.global, ...plan.changes]);
  const isHeld = (change: Change): boolean =>
    held.has(change.changeId) || change.fields.some((field) => held.has(field.changeId));
  return {
    held: everything.filter(isHeld).length,
    global: plans.flatMap((plan) => plan.global).filter((change) => change.action !== 'unchanged')
      .length,
    undeclared: plans.flatMap((plan) => plan.undeclared).length,
    unverified: plans.flatMap((plan) => plan.unverified).length,
  };
}

/** Null as soon as one program was not read whole: a list that may lack something is no list. */
function unmanagedOf(plans: readonly Plan[]): PlanDocument['unmanaged'] {
  const lists = plans.map((plan) => plan.unmanaged);
  if (lists.includes(null)) return null;
  return lists
    .flatMap((list) => list ?? [])
    .toSorted(
      (a, b) => compareText(programId(a.key), programId(b.key)) || compareReleases(a.key, b.key),
    )
    .map(({ key, status }) => ({ key: releaseKeyOf(key), status }));
}

function changeDocument(
  change: Change,
  held: ReadonlyMap<ChangeId, Held>,
  locate: Locate,
): ChangeDocument {
  return {
    key: keyDocument(change.key),
    name: change.name,
    action: change.action,
    status: change.status,
    reasons: [...change.reasons],
    nextStep: change.nextStep,
    undo: change.undo,
    changeId: change.changeId,
    fields: change.fields.map((field) => fieldDocument(field, held.get(field.changeId), locate)),
    origins: originsOf(change.origins, locate),
  };
}

function fieldDocument(field: FieldChange, held: Held | undefined, locate: Locate): FieldDocument {
  return {
    path: field.path,
    before: shownDocument(field.before),
    after: shownDocument(field.after),
    sensitive: field.sensitive,
    cause: field.cause,
    changeId: field.changeId,
    locked: field.locked,
    held: held?.reason ?? null,
    ...(field.surplus === undefined || field.surplus === 0 ? {} : { surplus: field.surplus }),
    origins: originsOf(field.origins, locate),
  };
}

/** Copies the known members only: what a plan carries beside them stays out of the output. */
function shownDocument(shown: FieldChange['before']): FieldDocument['before'] {
  if (shown.state === 'value') return { state: 'value', value: copy(shown.value) };
  if (shown.state === 'secret') return { state: 'secret', fingerprint: shown.fingerprint };
  if (shown.state !== 'inherited') return { state: shown.state };
  return shown.value === undefined
    ? { state: 'inherited' }
    : { state: 'inherited', value: copy(shown.value) };
}

function copy(value: string | readonly string[]): string | string[] {
  return typeof value === 'string' ? value : [...value];
}

/** A key as JSON. */
export function keyDocument(key: ProgramKey | ReleaseKey): ChangeDocument['key'] {
  return isReleaseKey(key) ? releaseKeyOf(key) : programKeyOf(key);
}

function programKeyOf({ platform, workspace, miniProgram }: ProgramKey) {
  return { platform, workspace, miniProgram };
}

function releaseKeyOf(key: ReleaseKey) {
  return { ...programKeyOf(key), version: key.version, app: key.app, environment: key.environment };
}

function originsOf(places: readonly Place[], locate: Locate): OriginDocument[] {
  return places.map((place) => originDocument(locate(place)));
}

/** An origin as JSON. */
function originDocument(origin: Origin): OriginDocument {
  return 'file' in origin ? { ...origin } : { object: { ...origin.object }, path: origin.path };
}

/** A problem as JSON. */
export function problemDocument(problem: Problem): ProblemDocument {
  const { rule, severity, message, nextStep, origin, related } = problem;
  return {
    rule,
    severity,
    message,
    ...(nextStep === undefined ? {} : { nextStep }),
    origin: origin === undefined ? null : originDocument(origin),
    ...(related === undefined ? {} : { related: related.map(originDocument) }),
  };
}
