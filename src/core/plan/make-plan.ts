import type { DesiredRelease } from '../model/desired.ts';
import type { Change, Plan, ReleaseChange } from '../model/plan.ts';
import { contest } from '../resolve/contest.ts';
import { compareText } from '../words/keys.ts';
import { awaitsOf } from './awaits.ts';
import { createContext, subjectOf, type Context, type PlanInput, type Subject } from './context.ts';
import { planGlobal } from './global-change.ts';
import { knownEntries } from './known.ts';
import { createLiveReleases, type FindLive } from './live-releases.ts';
import { inheritedPayee, newPayee } from './new-payee.ts';
import { planRelease, type PlannedRelease } from './release-change.ts';
import { lacksOf, planProblems, unmanagedOf } from './remarks.ts';

export type { PlanInput } from './context.ts';

/**
 * The plan of one program. Pure: same inputs, same plan, whatever their order; no input is changed.
 *
 * Every desired release is in exactly one action; what other sources declare for the same key counts as a release of its own.
 */
export function makePlan(input: PlanInput): Plan {
  const { desired, observed } = input;
  const context = createContext(input);
  const subjects = desired.releases
    .flatMap((release) => contenders(release, context))
    .toSorted(bySubject);
  const releases = subjects.map((subject) => planRelease(subject, context));
  const global = planGlobal(subjects, context);
  const liveOn = createLiveReleases(context);
  return {
    key: desired.key,
    connection: desired.connection,
    name: observed.miniProgram?.name ?? desired.names[0] ?? desired.key.miniProgram,
    changes: releases.map(({ change }) => withLive(change, liveOn, context)),
    global: global.changes,
    awaits: awaitsOf(counting(global.changes, context), releases),
    undeclared: [
      ...(global.compared?.undeclared ?? []).map((path) => ({ key: desired.key, path })),
      ...releases.flatMap(({ change, compared }) =>
        (compared?.undeclared ?? []).map((path) => ({ key: change.key, path })),
      ),
    ],
    unverified: releases.flatMap(unverifiedOf),
    unmanaged: unmanagedOf(subjects, context),
    problems: planProblems(releases, context),
    observedAt: observed.observedAt,
    attested: observed.attested,
    emulator: input.emulator,
    existing: new Set(subjects.filter(({ record }) => record).map(({ id }) => id)).size,
    ...([...global.changes, ...releases.map(({ change }) => change)].some(isWritten)
      ? { known: knownEntries(observed) }
      : {}),
    lacks: lacksOf(observed.capabilities),
  };
}

function isWritten({ action }: Change): boolean {
  return action === 'create' || action === 'update';
}

function contenders(release: DesiredRelease, context: Context): readonly Subject[] {
  const subject = subjectOf(release, context);
  if (!release.rivals) return [subject];
  const { incumbent, others } = contest(release, (source) =>
    context.marks.names(subject.mark, source),
  );
  return [incumbent, ...others].map((one) => ({
    ...subject,
    release: one,
    isRival: one !== incumbent,
  }));
}

function bySubject(a: Subject, b: Subject): number {
  return compareText(a.id, b.id) || compareText(a.release.source, b.release.source);
}

/** The change of the declaration that counts, if there is something to change. */
function counting(changes: Plan['global'], { global }: Context) {
  return changes.find(({ source }) => source === global.desired?.source);
}

function withLive(change: ReleaseChange, liveOn: FindLive, { global }: Context): ReleaseChange {
  if (change.action === 'unchanged' || change.action === 'adopt') return change;
  const live = liveOn(change.key);
  if (!live || live.version === change.key.version) return change;
  const payee = newPayee(change, live, global);
  if (payee.length === 0) return { ...change, live };
  return { ...change, live, newPayee: payee, inherits: inheritedPayee(change, payee, global) };
}

function unverifiedOf({ change, compared }: PlannedRelease): Plan['unverified'] {
  const created =
    change.action === 'create'
      ? change.fields.filter(({ after }) => after.state === 'unverified')
      : [];
  const paths =
    compared?.unverified ?? created.flatMap(({ path }) => (path === 'mark' ? [] : [path]));
  return paths.map((path) => ({ key: change.key, path }));
}
