import { environments, type Environment } from '../words/environments.ts';
import { compareText } from '../words/keys.ts';
import type { Origin } from '../words/places.ts';
import type { Problem } from '../words/problems.ts';
import { errorsIn, isOfError } from './review-errors.ts';
import type { Review } from './review.ts';
import type { ReviewDocument, verdicts } from './review-schema.ts';
import { isHeldInPart, isUnasked, stateOf, stoppedBy } from './review-state.ts';
import { isLeft, isSuperseded, keysOf, type ReviewTarget } from './review-targets.ts';
import { plural, sentenceText, whereOf } from './sentence.ts';
import { fieldName } from './values.ts';

type Verdict = (typeof verdicts)[number];
type Status = ReviewDocument['statuses'][number];
type Annotation = ReviewDocument['annotations'][number];
type Line = ReviewDocument['lines'][number];

/** GitHub cuts a description there. */
const maxSentence = 140;

const verdictOf = {
  ...{ create: 'changes', update: 'changes', adopt: 'changes', declared: 'changes' },
  ...{ undeclared: 'changes', dropped: 'changes', settled: 'nothing' },
  ...{ held: 'held', blocked: 'blocked', waiting: 'waiting' },
} as const satisfies Record<ReviewTarget['effect'], Verdict>;

/** Worst last. */
const ranked = ['nothing', 'changes', 'waiting', 'held', 'blocked'] as const;

const words = {
  create: 'created',
  update: 'changed',
  declared: 'changed in the declarations',
  held: 'held',
  blocked: 'blocked',
  waiting: 'waiting',
  adopt: 'taken up as they are',
  undeclared: 'no longer declared',
  dropped: 'dropped',
  settled: 'due with the next version',
} as const satisfies Record<ReviewTarget['effect'], string>;

/** One status an environment, and one for all: data for whoever sets them. Nothing others wrote stands in them. */
export function statusesOf(review: Review, targets: readonly ReviewTarget[]): Status[] {
  const touching = (environment: Environment): readonly ReviewTarget[] =>
    targets.filter((target) => keysOf(target).some((key) => key.environment === environment));
  return [
    statusOf(review, targets, null),
    ...environments
      .filter((environment) => touching(environment).length > 0)
      .map((environment) => statusOf(review, touching(environment), environment)),
  ];
}

function statusOf(
  review: Review,
  targets: readonly ReviewTarget[],
  environment: Environment | null,
): Status {
  const worst = Math.max(0, ...targets.map((target) => ranked.indexOf(verdictOn(target))));
  const verdict = missingVerdict(review) ?? ranked[worst] ?? 'nothing';
  const state = stateOf(review, targets, environment);
  const said = {
    unjudged: [`${plural(review.unjudged.length, 'program')} could not be judged`],
    invalid: ['the declarations have errors'],
    other: state === 'failure' ? rulesNamed(stoppedBy(review, targets, environment)) : [],
  };
  const start = said[verdict === 'unjudged' || verdict === 'invalid' ? verdict : 'other'];
  const sentence = [...start, ...countsOf(review, targets)].join(', ') || 'nothing changes';
  return {
    context: `fairlead/${environment === null ? 'plan' : environment.toLowerCase()}`,
    ...{ environment, verdict, state },
    sentence: sentence.slice(0, maxSentence),
  };
}

function missingVerdict(review: Review): 'unjudged' | 'invalid' | undefined {
  if (review.unjudged.length > 0) return 'unjudged';
  return errorsIn(review).length > 0 ? 'invalid' : undefined;
}

/** What is blocked shows in the counts; that anything else must not pass is this repository's own rule. */
function rulesNamed(stopped: readonly string[]): readonly string[] {
  return stopped.filter((word) => word !== 'blocked').map((word) => `${word} must not pass here`);
}

function countsOf(review: Review, targets: readonly ReviewTarget[]): readonly string[] {
  const counts = Object.entries(words).flatMap(([effect, word]) => {
    const found = targets.filter((target) => target.effect === effect && !isSuperseded(target));
    return found.length === 0 ? [] : [`${found.length} ${word}`];
  });
  const left = targets.filter(isSuperseded).length;
  const partly = targets.filter(isHeldInPart).length;
  return [
    ...counts,
    ...(left > 0 ? [`${left} left to a newer version`] : []),
    ...(partly > 0 ? [`${partly} held in part`] : []),
    ...(isUnasked(review, targets) ? ['no platform was asked'] : []),
  ];
}

/** What is held of a target holds it, whatever else of it goes through. */
function verdictOn(target: ReviewTarget): (typeof ranked)[number] {
  const verdict = verdictOf[target.effect];
  return verdict !== 'blocked' && isHeldInPart(target) ? 'held' : verdict;
}

const levels = { error: 'error', warning: 'warning', info: 'notice' } as const;

/** Remarks at lines: problems, whom the money goes to in Production, and why something does not move. */
export function annotationsOf(review: Review, targets: readonly ReviewTarget[]): Annotation[] {
  return reviewProblems(review, targets).flatMap(({ origin, severity, rule, message, nextStep }) =>
    origin && 'file' in origin
      ? [
          {
            ...{ file: origin.file, line: origin.line, column: origin.column },
            ...{ level: levels[severity], title: rule },
            message: nextStep === undefined ? message : `${message} ${nextStep}`,
          },
        ]
      : [],
  );
}

/** What deserves a mark at a line, as problems are: for annotations and code scanning. */
export function reviewProblems(
  review: Review,
  targets: readonly ReviewTarget[],
): readonly Problem[] {
  const unsaid = targets.filter((target) => !isOfError(review, target));
  return [...review.problems.fresh, ...payeeNotes(targets), ...stuckNotes(unsaid)];
}

function payeeNotes(targets: readonly ReviewTarget[]): readonly Problem[] {
  const found = targets.flatMap((target) => {
    const keys = keysOf(target).filter(({ environment }) => environment === 'Production');
    const isMoving = target.effect !== 'settled' && target.effect !== 'adopt';
    const field = target.fields.find(({ path }) => path === 'merchantId');
    const isOurs = field !== undefined && !isLeft(field);
    const origin = field?.origins.at(-1);
    return keys.length > 0 && isMoving && isOurs && origin ? [{ keys, origin }] : [];
  });
  const byLine = Map.groupBy(found, ({ origin }) => JSON.stringify(origin));
  return [...byLine.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const where = sentenceText(whereOf(group.flatMap(({ keys }) => keys)));
    const message = `This line decides who gets paid in ${where}.`;
    return [{ rule: 'review-payee', severity: 'warning', message, origin: first.origin }];
  });
}

function stuckNotes(targets: readonly ReviewTarget[]): readonly Problem[] {
  return targets
    .filter(({ effect }) => effect === 'blocked' || effect === 'held' || effect === 'waiting')
    .flatMap(({ effect, nextStep, why, reasons, origins, key }) => {
      const [origin] = origins;
      if (!origin) return [];
      const at = 'version' in key ? ` ${key.version} ${key.app}/${key.environment}` : '';
      const message = `Merging does not change${at}: ${reasons.join(', ') || effect}.`;
      const step = nextStep ?? why;
      const next = step === null ? {} : { nextStep: step };
      return [{ rule: `review-${effect}`, severity: 'warning' as const, message, origin, ...next }];
    });
}

/** Per line what it decides and where. */
export function linesDecided(targets: readonly ReviewTarget[]): Line[] {
  const decided = targets.flatMap((target) =>
    target.fields.flatMap(({ path, origins }) =>
      origins.flatMap((origin) => (isFile(origin) ? [{ target, path, origin }] : [])),
    ),
  );
  const byLine = Map.groupBy(decided, ({ origin: { file, line } }) => JSON.stringify([file, line]));
  return [...byLine.values()]
    .flatMap((group): Line[] => {
      const [first] = group;
      if (!first) return [];
      const keys = group.flatMap(({ target }) => keysOf(target));
      return [
        {
          ...{ file: first.origin.file, line: first.origin.line },
          fields: distinct(group.map(({ path }) => fieldName(path))),
          environments: environments.filter((one) => keys.some((key) => key.environment === one)),
          apps: distinct(keys.map(({ app }) => app)),
          programs: distinct(group.map(({ target }) => target.program)),
        },
      ];
    })
    .sort((a, b) => compareText(a.file, b.file) || a.line - b.line);
}

type FileOrigin = Extract<Origin, { readonly file: string }>;

function isFile(origin: Origin): origin is FileOrigin {
  return 'file' in origin;
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort(compareText);
}
