import { environments, type Environment } from '../words/environments.ts';
import { compareText, isReleaseKey } from '../words/keys.ts';
import { compareVersions } from '../words/versions.ts';
import { happensWords, undoWords } from './review-happens.ts';
import type { ReviewTarget } from './review-targets.ts';
import { type Sentence, sentenceText } from './sentence.ts';

/** Targets of one program and environment to which the same happens. */
export interface ReviewRow {
  readonly effect: ReviewTarget['effect'];
  readonly program: string;
  /** Empty for a global configuration. */
  readonly version: string;
  /** Empty for a global configuration. */
  readonly apps: readonly string[];
  readonly environment: Environment | undefined;
  readonly happens: Sentence;
  readonly undo: Sentence;
  readonly members: readonly [ReviewTarget, ...ReviewTarget[]];
}

/** The rows of the table, what matters most first. */
export function rowsOf(targets: readonly ReviewTarget[]): readonly ReviewRow[] {
  const rows = Map.groupBy(targets.map(rowOf), (row) =>
    JSON.stringify([
      ...[row.effect, row.program, row.version, row.environment ?? '', row.members[0].nextStep],
      ...[sentenceText(row.happens), sentenceText(row.undo)],
    ]),
  );
  return [...rows.values()].flatMap(joined).sort(compareRows);
}

function rowOf(target: ReviewTarget): ReviewRow {
  const release = isReleaseKey(target.key) ? target.key : undefined;
  return {
    effect: target.effect,
    program: target.program,
    version: release?.version ?? '',
    apps: release ? [release.app] : [],
    environment: release?.environment,
    happens: happensWords(target),
    undo: undoWords(target),
    members: [target],
  };
}

function joined([first, ...others]: readonly ReviewRow[]): readonly ReviewRow[] {
  if (!first) return [];
  const members = others.flatMap((row) => row.members);
  return [
    {
      ...first,
      apps: [first, ...others].flatMap(({ apps }) => apps).sort(compareText),
      members: [first.members[0], ...members],
    },
  ];
}

/** What is read first stands first; within it Production, then the newest version. */
const reading = [
  ...['create', 'update', 'declared', 'held', 'blocked'],
  ...['waiting', 'dropped', 'undeclared', 'adopt', 'settled'],
] as const satisfies readonly ReviewTarget['effect'][];

function rank({ effect, environment }: ReviewRow): number {
  const place = environment === undefined ? 0 : environments.indexOf(environment);
  const isQuiet = effect === 'adopt' || effect === 'settled';
  return (isQuiet ? 1000 : 0) + reading.indexOf(effect) * 10 + place;
}

function compareRows(a: ReviewRow, b: ReviewRow): number {
  return (
    rank(a) - rank(b) ||
    compareText(a.program, b.program) ||
    compareVersions(b.version, a.version) ||
    compareText(a.apps[0] ?? '', b.apps[0] ?? '')
  );
}
