import { isScalar, Scalar } from 'yaml';
import type { Finding } from '../validate/finding.ts';
import type { Origin } from '../words/places.ts';
import type { Problem } from '../words/problems.ts';
import { findNode, type Found, keyOffset, valueOffset } from './find.ts';
import { maxProblems, type TextProblem } from './limits.ts';
import type { StreamDocument } from './stream.ts';
import { type Position, positionsIn } from './text.ts';

/** Turns mistakes of one file into problems with line and column. */
export interface Teller {
  readonly origin: (offset: number) => Origin;
  readonly textProblem: (problem: TextProblem) => Problem;
  /** Findings of one document, less those about values whose text was refused already. */
  readonly problems: (findings: readonly Finding[], document: StreamDocument) => Problem[];
  /** At most `maxProblems`, in the order of the file. */
  readonly inOrder: (problems: readonly Problem[]) => readonly Problem[];
}

interface TextFile {
  readonly file: string;
  readonly text: string;
  readonly commit?: string;
}

/** Lines are counted once, and only in a file that has something to tell. */
export function createTeller({ file, text, commit }: TextFile): Teller {
  let known: ((offset: number) => Position) | undefined;
  const origin = (offset: number): Origin => {
    known ??= positionsIn(text);
    return { file, ...known(offset), ...(commit === undefined ? {} : { commit }) };
  };
  return {
    origin,
    textProblem: ({ rule, offset, message, nextStep }) => ({
      rule,
      severity: 'error',
      message,
      nextStep,
      origin: origin(offset),
    }),
    // One more than is told, so that it is known that there are more.
    problems: (findings, document) =>
      findings.slice(0, maxProblems + 1).flatMap((finding) => tell(finding, document, origin)),
    inOrder: (problems) => capped(problems.toSorted(byPlace), origin),
  };
}

function tell(
  finding: Finding,
  document: StreamDocument,
  origin: (offset: number) => Origin,
): Problem[] {
  const found = findNode(document.node, finding.pointer);
  if (saysNothingNew(finding, found, document.problems)) return [];
  const related = (finding.related ?? []).map((pointer) =>
    origin(valueOffset(findNode(document.node, pointer))),
  );
  return [
    {
      rule: finding.rule,
      severity: 'error',
      message: finding.message,
      nextStep: finding.nextStep,
      ...(finding.wantsText === true ? unquoted(finding, found.node) : {}),
      origin: origin(finding.at === 'key' ? keyOffset(found) : valueOffset(found)),
      ...(related.length === 0 ? {} : { related }),
    },
  ];
}

/** Follows from a mistake of the text, which is told already. */
function saysNothingNew(
  { at, rule, isAbsence }: Finding,
  { key, node, exact }: Found,
  problems: readonly TextProblem[],
): boolean {
  if (problems.length === 0) return false;
  if (rule === 'unreadable') return true;
  if (isAbsence === true && problems.some((problem) => problem.rule === 'yaml-syntax')) return true;
  return exact && isToldAlready(at === 'key' ? key : node, problems);
}

/** The text itself was refused before anybody looked at what it means. */
function isToldAlready(node: unknown, problems: readonly TextProblem[]): boolean {
  if (!isScalar(node) || !node.range) return false;
  const [start, end] = node.range;
  return problems.some(({ offset }) => offset >= start && offset < end);
}

/** Text was wanted, and only quotes are missing. */
function unquoted(finding: Finding, node: unknown): Partial<Problem> {
  if (!isScalar(node) || node.type !== Scalar.PLAIN || !node.source) return {};
  return {
    rule: 'unquoted-text',
    message: `${finding.message.replace(/, not .*$/, '')}, but unquoted ${node.source} is not read as text.`,
    nextStep: `Quote it: "${node.source}".`,
  };
}

function byPlace({ origin: a }: Problem, { origin: b }: Problem): number {
  if (!a || !b || !('file' in a) || !('file' in b)) return 0;
  return a.line - b.line || a.column - b.column;
}

function capped(
  problems: readonly Problem[],
  origin: (offset: number) => Origin,
): readonly Problem[] {
  if (problems.length <= maxProblems) return problems;
  const rest: Problem = {
    rule: 'too-many-problems',
    severity: 'error',
    message: `The file has more than ${maxProblems} problems; only the first are told.`,
    nextStep: 'Correct these first.',
    origin: origin(0),
  };
  return [...problems.slice(0, maxProblems), rest];
}
