import type { MiniProgramStatus } from '../kinds/object-status.ts';
import { programId, targetId } from '../words/keys.ts';
import type { DocumentId } from '../words/places.ts';
import { statusBefore, type EntryBefore, type StatusBefore } from './before.ts';
import { conditionsOf } from './conditions.ts';
import { countsOf, progressOf } from './counts.ts';
import { entryOf, verdictOf, type EntryFacts } from './entry.ts';
import { barrierView, createJudge, failedView } from './judge.ts';
import { findingOf, type NamedView } from './message.ts';
import { createLook, type KnownEntries } from './release-status.ts';
import type { GlobalClaim, ProgramReport } from './report.ts';
import {
  asJudged,
  changeIdOf,
  common,
  isShared,
  problemViews,
  subjectOf,
  withIgnored,
  type StatusInput,
  type StatusObject,
} from './subject.ts';
import { viewBefore, type View } from './view.ts';

const mostGlobals = 32;

export interface MiniProgramInput extends StatusInput {
  /** The claimant whose releases count: GitSource or namespace. */
  readonly source: string;
  /** The releases' own objects: what another process judges is known from there alone. */
  readonly objectOf: (
    document: DocumentId,
  ) => Pick<StatusObject, 'generation' | 'status'> | undefined;
}

/** What a MiniProgram says of itself: its global configuration per console, and how far all its releases are. */
export function miniProgramStatus(given: MiniProgramInput): MiniProgramStatus {
  const input = asJudged(given);
  const subject = subjectOf(input);
  const globals = input.programs.flatMap((report) => globalsOf(input, report, subject.before));
  const known = knownEntries(input);
  const releases = input.programs.flatMap((report) => releaseViews(report, input.source, known));
  const own = [...globals.map(({ named }) => named), ...releases];
  const views = isShared(input.programs) ? own.map(asWritten) : own;
  const finding = findingOf([...problemViews(input.problems), ...views], subject.speech);
  const counts = countsOf(releases.map(({ view }) => view));
  const changeId = changeIdOf(input.programs);
  return {
    ...common(input, subject),
    conditions: conditionsOf(withIgnored(finding, input), subject.stamp),
    counts,
    progress: progressOf(counts),
    ...(changeId === undefined ? {} : { changeId }),
    ...(globals.length === 0
      ? {}
      : { globals: globals.slice(0, mostGlobals).map(({ entry }) => entry) }),
    releases: releasesOf(input),
  };
}

/** As another process reads it. */
function asWritten({ where, view }: NamedView): NamedView {
  return { where, view: viewBefore(verdictOf(view)) };
}

function knownEntries({ objectOf }: MiniProgramInput): KnownEntries {
  const read = new Map<DocumentId, { readonly isOther: boolean; readonly before: StatusBefore }>();
  function of(document: DocumentId) {
    const known = read.get(document);
    if (known) return known;
    const object = objectOf(document);
    const before = statusBefore(object?.status);
    const made = { before, isOther: before.observedGeneration !== object?.generation };
    read.set(document, made);
    return made;
  }
  return {
    isOther: ({ document }) => of(document).isOther,
    entry: ({ document, key }) => of(document).before.target(key.app, key.environment),
  };
}

function releaseViews(
  report: ProgramReport,
  source: string,
  known: KnownEntries,
): readonly NamedView[] {
  const look = createLook(report, known);
  return (report.bySource.get(source) ?? []).map((claim) => {
    const { key } = claim.desired;
    return { where: `${key.version} ${targetId(key)}`, view: look.view(claim) };
  });
}

/** MiniProgramReleases with a target at least. */
function releasesOf({ programs, source }: MiniProgramInput): number {
  const documents = programs.flatMap(({ bySource }) =>
    (bySource.get(source) ?? []).map(({ desired }) => desired.document),
  );
  return new Set(documents).size;
}

type InstanceStatus = NonNullable<MiniProgramStatus['globals']>[number];

interface Instance {
  readonly named: NamedView;
  readonly entry: InstanceStatus;
}

function globalsOf(
  { document, object }: MiniProgramInput,
  report: ProgramReport,
  before: StatusBefore,
): readonly Instance[] {
  const claim = report.globals.get(document);
  if (!claim) return [];
  const { key } = report.desired;
  const known = before.global(key);
  const isOther = before.observedGeneration !== object.generation;
  const view = globalView(report, claim, { known, isOther });
  const { platform, workspace, miniProgram: id } = key;
  return [
    {
      named: { where: `global configuration of ${id}`, view },
      entry: entryOf({ platform, workspace, id }, verdictOf(view), factsOf(report, known)),
    },
  ];
}

function globalView(
  { result }: ProgramReport,
  { desired, change }: GlobalClaim,
  { known, isOther }: { readonly known: EntryBefore | undefined; readonly isOther: boolean },
): View {
  const before = viewBefore(known);
  switch (result.state) {
    case 'planned':
      return change
        ? createJudge(result).of(change, desired.barrier, before)
        : { standing: 'done', action: 'unchanged' };
    case 'failed':
      return failedView(result.trouble, desired.claims[0]);
    case 'barred':
      return desired.barrier ? barrierView(desired.barrier) : viewBefore(undefined);
    case 'elsewhere':
    case 'unseen':
      return isOther ? viewBefore(undefined) : before;
  }
}

function factsOf(report: ProgramReport, known: EntryBefore | undefined): EntryFacts {
  const id = programId(report.desired.key);
  const read = report.records?.[id];
  return {
    effectiveDigest: read?.effectiveDigest ?? known?.effectiveDigest,
    mark: report.bases === undefined ? known?.mark : report.bases[id],
  };
}
