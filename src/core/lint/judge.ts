import picomatch from 'picomatch/posix.js';
import type { RepositorySettings } from '../kinds/repository-settings.ts';
import type { AnyDocument, InvalidDocument } from '../model/documents.ts';
import type { DocumentId, Locate, Origin } from '../words/places.ts';
import type { Problem, Severity } from '../words/problems.ts';
import { type EpochMs, isoDay } from '../words/time.ts';
import type { LintFinding } from './finding.ts';
import type { LocatedSettings } from './repository-settings.ts';
import { type AdviceId, ruleOf } from './rules.ts';

/** A repository's own judgement: how severe a rule is there, and what is waived until when. */
export interface Judgement {
  readonly repository: LocatedSettings | undefined;
  readonly documents: readonly (AnyDocument | InvalidDocument)[];
  readonly locate: Locate;
  readonly now: EpochMs;
}

type WaiverSpec = NonNullable<NonNullable<RepositorySettings['lint']>['waivers']>[number];

interface Waiver {
  readonly spec: WaiverSpec;
  readonly origin: Origin;
  readonly expired: boolean;
  readonly coversFile: (file: string) => boolean;
}

/** Rules that only plans break: whether their waivers cover anything cannot be told from declarations. */
const foundWithPlans = new Set([
  'settled-only',
  'foreign-fingerprint-key',
  'variable-drift-unseen',
]);

/** A finding or a problem in the terms of a waiver. */
interface Matter {
  readonly problem: Problem;
  readonly object?: string;
  readonly value?: string;
}

/**
 * Findings, and warnings found elsewhere, as a repository judges them; then what is to be said of its waivers.
 *
 * Errors pass as they are. An expired waiver covers nothing, and says so where it would have covered something.
 */
export function judge(
  findings: readonly LintFinding[],
  found: readonly Problem[],
  judgement: Judgement,
): Problem[] {
  const names = new Map(
    judgement.documents.map(({ id, kind, name }) => [id, `${kind}/${name}`] as const),
  );
  const matters = [
    ...findings.map((finding) => matterOf(finding, names, judgement.locate)),
    ...found.map((problem): Matter => ({ problem })),
  ];
  const waivers = waiversOf(judgement);
  const used = new Set<Waiver>();
  const told: Problem[] = [];
  for (const matter of matters) {
    const covering =
      matter.problem.severity === 'error' ? [] : waivers.filter((waiver) => covers(waiver, matter));
    for (const waiver of covering) used.add(waiver);
    if (covering.every(({ expired }) => expired)) told.push(matter.problem);
  }
  const files = new Set(
    judgement.documents.flatMap(({ origin }) => (origin.kind === 'file' ? [origin.file] : [])),
  );
  const about = waivers.flatMap((waiver) => remarkOn(waiver, used.has(waiver), files));
  return [...told, ...about].flatMap((problem) => graded(problem, judgement.repository));
}

function matterOf(
  { rule, place, related = [], message, nextStep, value }: LintFinding,
  names: ReadonlyMap<DocumentId, string>,
  locate: Locate,
): Matter {
  const object = names.get(place.document);
  const problem: Problem = {
    rule,
    severity: ruleOf(rule)?.severity ?? 'warning',
    message,
    nextStep,
    origin: locate(place),
    ...(related.length === 0 ? {} : { related: related.map(locate) }),
  };
  return {
    problem,
    ...(object === undefined ? {} : { object }),
    ...(value === undefined ? {} : { value }),
  };
}

function waiversOf({ repository, now }: Judgement): readonly Waiver[] {
  const today = isoDay(now);
  return (repository?.lint?.waivers ?? []).map((spec, index) => ({
    spec,
    origin: repository?.waiverOrigins?.[index] ?? { file: '.fairlead.yaml', line: 1, column: 1 },
    expired: spec.expires < today,
    coversFile: spec.path === undefined ? () => true : fileMatcher(spec.path),
  }));
}

/** A path given as absolute is covered by a pattern that fits its end: waivers are written from the repository's root. */
function fileMatcher(pattern: string): (file: string) => boolean {
  const relative = pattern.replace(/^\.\//, '');
  const matches = picomatch(relative, { dot: true });
  const matchesEnd = picomatch(`/**/${relative}`, { dot: true });
  return (file) => matches(file.replace(/^\.\//, '')) || matchesEnd(file);
}

function covers({ spec, coversFile }: Waiver, { problem, object, value }: Matter): boolean {
  if (spec.rule !== problem.rule) return false;
  if (spec.object !== undefined && spec.object !== object) return false;
  if (spec.value !== undefined && spec.value !== value) return false;
  const { origin } = problem;
  return (
    spec.path === undefined || (origin !== undefined && 'file' in origin && coversFile(origin.file))
  );
}

function remarkOn(
  { spec, origin, expired, coversFile }: Waiver,
  isUsed: boolean,
  files: ReadonlySet<string>,
): Problem[] {
  if (isUsed && !expired) return [];
  if (!isUsed && foundWithPlans.has(spec.rule)) return [];
  if (isUsed) {
    return [
      remark('waiver-expired', origin, {
        message: `The waiver of ${spec.rule} counted until ${spec.expires} (${spec.reason}).`,
        nextStep: 'Correct what it covered, or decide again and write a new day.',
      }),
    ];
  }
  // Of files that were not read nothing can be said.
  if (spec.path !== undefined && ![...files].some(coversFile)) return [];
  return [
    remark('waiver-unused', origin, {
      message: `The waiver of ${spec.rule} covers nothing.`,
      nextStep: 'Remove it.',
    }),
  ];
}

function remark(
  rule: AdviceId,
  origin: Origin,
  words: Pick<Problem, 'message' | 'nextStep'>,
): Problem {
  return { rule, severity: ruleOf(rule)?.severity ?? 'info', origin, ...words };
}

function graded(problem: Problem, repository: RepositorySettings | undefined): Problem[] {
  const severities: Readonly<Record<string, Severity | 'off'>> = repository?.lint?.severities ?? {};
  const wanted = Object.hasOwn(severities, problem.rule) ? severities[problem.rule] : undefined;
  if (wanted === undefined || problem.severity === 'error') return [problem];
  return wanted === 'off' ? [] : [{ ...problem, severity: wanted }];
}
