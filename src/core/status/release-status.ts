import type { MiniProgramReleaseStatus, TargetStatus } from '../kinds/object-status.ts';
import type { DesiredRelease } from '../model/desired.ts';
import { compareText, releaseId, targetId } from '../words/keys.ts';
import type { Reason } from '../words/reasons.ts';
import type { EntryBefore, StatusBefore } from './before.ts';
import { conditionsOf } from './conditions.ts';
import { countsOf, progressOf } from './counts.ts';
import { entryOf, verdictOf, type EntryFacts } from './entry.ts';
import { barrierView, createJudge, failedView, type Judge } from './judge.ts';
import { findingOf, type NamedView } from './message.ts';
import { recordIndex, type Carried, type ProgramReport, type ReleaseClaim } from './report.ts';
import {
  asJudged,
  changeIdOf,
  common,
  isShared,
  problemViews,
  subjectOf,
  withIgnored,
  type StatusInput,
} from './subject.ts';
import { viewBefore, type View } from './view.ts';

/** Targets that status names; all of them count. */
const mostTargets = 256;

/** What a MiniProgramRelease says of itself. Pure: the same input, the same status. */
export function releaseStatus(given: StatusInput): MiniProgramReleaseStatus {
  const input = asJudged(given);
  const subject = subjectOf(input);
  const targets = targetsOf(input, subject.before);
  const views = isShared(input.programs)
    ? targets.map(({ named, entry }) => ({ ...named, view: viewBefore(entry) }))
    : targets.map(({ named }) => named);
  const problems = problemViews(input.problems);
  const said = problems.length === 0 ? views : views.filter(({ view }) => !isWhole(view, input));
  const finding = findingOf([...problems, ...said], subject.speech);
  const counts = countsOf(views.map(({ view }) => view));
  const changeId = changeIdOf(input.programs);
  return {
    ...common(input, subject),
    conditions: conditionsOf(withIgnored(finding, input), subject.stamp),
    counts,
    progress: progressOf(counts),
    ...(changeId === undefined ? {} : { changeId }),
    targets: targets.slice(0, mostTargets).map(({ entry }) => entry),
  };
}

/** Says no more than that the document is invalid, which its problems tell better. */
function isWhole({ reason, place }: View, { document }: StatusInput): boolean {
  return reason === 'Invalid' && place?.document === document && place.pointer === '';
}

interface Target {
  readonly named: NamedView;
  readonly entry: TargetStatus;
}

/** One per claim, in the order of targets. */
function targetsOf(
  { programs, document, object }: StatusInput,
  before: StatusBefore,
): readonly Target[] {
  const known: KnownEntries = {
    isOther: () => before.observedGeneration !== object.generation,
    entry: ({ key }) => before.target(key.app, key.environment),
  };
  const found = programs.flatMap((report) => {
    const look = createLook(report, known);
    return (report.releases.get(document) ?? []).map((claim) => targetOf(claim, look));
  });
  return found.toSorted((a, b) => compareText(a.named.where, b.named.where));
}

/** What statuses said before. */
export interface KnownEntries {
  /** It speaks of another generation of the declaration. */
  readonly isOther: (release: DesiredRelease) => boolean;
  readonly entry: (release: DesiredRelease) => EntryBefore | undefined;
}

/** How one report is looked at. */
export interface Look {
  readonly view: (claim: ReleaseClaim) => View;
  readonly facts: (claim: ReleaseClaim) => EntryFacts;
}

export function createLook(report: ProgramReport, known: KnownEntries): Look {
  const { result } = report;
  const judge: Judge | undefined = result.state === 'planned' ? createJudge(result) : undefined;

  function view({ desired, change }: ReleaseClaim): View {
    const before = viewBefore(known.entry(desired));
    if (judge && change) return judge.of(change, desired.barrier, before);
    if (result.state === 'failed') return failedView(result.trouble, desired.claims[0]);
    if (result.state === 'barred' && desired.barrier) return barrierView(desired.barrier);
    return known.isOther(desired) ? viewBefore(undefined) : before;
  }

  return {
    view,
    facts(claim) {
      const carried = claim.change && judge?.carried(claim.change);
      return factsOf(claim, { report, carried, known: known.entry(claim.desired) });
    },
  };
}

interface Known {
  readonly report: ProgramReport;
  readonly carried: Carried | undefined;
  readonly known: EntryBefore | undefined;
}

/** What a write just told, else what was read, else what was known before. */
function factsOf({ desired, change }: ReleaseClaim, { report, carried, known }: Known): EntryFacts {
  const read = report.records?.[recordIndex(desired)];
  const sources = [
    writtenOf(carried),
    read && { ...read, releaseId: read.id },
    plannedOf(change),
    hasNoRecord(change) ? undefined : known,
  ];
  const first = (name: keyof EntryFacts) =>
    sources.find((source) => source?.[name] !== undefined)?.[name];
  // What counts for the key is kept by the one whose claim counts.
  const isLost = change?.action === 'blocked' && isForeign(change.reasons);
  const base = report.bases === undefined ? known?.mark : report.bases[releaseId(desired.key)];
  return {
    releaseId: first('releaseId'),
    status: first('status'),
    testQrCode: first('testQrCode'),
    effectiveDigest: first('effectiveDigest'),
    mark: isLost ? undefined : base,
  };
}

/** The platform was asked, and has none. */
function hasNoRecord(change: ReleaseClaim['change']): boolean {
  return change?.action === 'create' || change?.action === 'waiting';
}

function writtenOf(carried: Carried | undefined): EntryFacts | undefined {
  if (carried?.result !== 'applied' || carried.written.kind !== 'release') return undefined;
  const { id, status, testQrCode } = carried.written.release;
  return { releaseId: id, status, testQrCode };
}

function plannedOf(change: ReleaseClaim['change']): EntryFacts | undefined {
  if (!change) return undefined;
  const { releaseId: id, status, testQrCode } = change;
  return { releaseId: id, status: status ?? undefined, testQrCode };
}

function isForeign(reasons: readonly Reason[]): boolean {
  return reasons.includes('TargetConflict') || reasons.includes('NotGranted');
}

function targetOf(claim: ReleaseClaim, look: Look): Target {
  const { key } = claim.desired;
  const view = look.view(claim);
  const { app, environment } = key;
  return {
    named: { where: targetId(key), view },
    entry: entryOf({ app, environment }, verdictOf(view), look.facts(claim)),
  };
}
