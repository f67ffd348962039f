import { stringWidth } from './width.ts';
import type { DesiredProgram } from '../model/desired.ts';
import type { SourceDocuments } from '../model/documents.ts';
import { planFormatVersion } from '../plan/identity.ts';
import { type Origin, originText } from '../words/places.ts';
import type { Problem, Severity } from '../words/problems.ts';
import { problemDocument } from './plan-document.ts';
import type { ValidateDocument } from './validate-schema.ts';
import { plural } from './sentence.ts';
import { painter, type Style } from './style.ts';
import { wrapText } from './table.ts';
import { visible } from './visible.ts';

/** The text of one line of a file, where it is at hand. */
export type LineOf = (file: string, line: number) => string | undefined;

const tones = { error: 'red', warning: 'yellow', info: 'cyan' } as const satisfies Record<
  Severity,
  string
>;

const gutter = 4;

/** Problems as text: place, rule, what is wrong, the line itself, what to do; a summary last. Empty for none. */
export function problemsText(
  problems: readonly Problem[],
  style: Style,
  lineOf: LineOf = () => undefined,
): string {
  if (problems.length === 0) return '';
  const blocks = problems.map((problem) => problemLines(problem, style, lineOf).join('\n'));
  return `${blocks.join('\n')}\n\n${problemsSummary(problems)}\n`;
}

/** How many of each severity. */
function problemsSummary(problems: readonly Problem[]): string {
  const counts = countBySeverity(problems);
  const texts = [
    plural(counts.errors, 'error'),
    plural(counts.warnings, 'warning'),
    ...(counts.notes === 0 ? [] : [plural(counts.notes, 'note')]),
  ];
  return `${texts.join(', ')}.`;
}

function problemLines(problem: Problem, style: Style, lineOf: LineOf): readonly string[] {
  const { rule, severity, message, nextStep, origin, related = [] } = problem;
  const paint = painter(style);
  const place = origin === undefined ? '' : `${paint('bold', visible(placeText(origin)))}: `;
  const left = ' '.repeat(gutter);
  const hanging = (text: string): readonly string[] =>
    wrapText(text, Math.max(30, style.width - gutter)).map((line) => `${left}${line}`);
  return [
    `${place}${paint(tones[severity], severity)} ${paint('dim', visible(rule))}: ${visible(message)}`,
    ...excerptLines(origin, style, lineOf),
    ...related.map((other) => `${left}${paint('dim', `also ${visible(placeText(other))}`)}`),
    ...(nextStep === undefined ? [] : hanging(`next: ${visible(nextStep)}`)),
  ];
}

function placeText(origin: Origin): string {
  return 'file' in origin ? `${originText(origin)}:${origin.column}` : originText(origin);
}

/** The line with a caret under the value, cut around it where the line is long. */
function excerptLines(origin: Origin | undefined, style: Style, lineOf: LineOf): readonly string[] {
  if (origin === undefined || !('file' in origin)) return [];
  const text = lineOf(origin.file, origin.line);
  if (text === undefined) return [];
  const paint = painter(style);
  const number = String(origin.line);
  const { before, after } = cutAround(text, origin.column - 1, style.width - number.length - 8);
  const bar = (head: string): string => paint('dim', `${' '.repeat(gutter)}${head} | `);
  return [
    `${bar(number)}${before}${after}`,
    `${bar(' '.repeat(number.length))}${' '.repeat(stringWidth(before))}${paint('red', '^')}`,
  ];
}

function cutAround(text: string, index: number, room: number) {
  const before = visible(text.slice(0, index).replaceAll('\t', ' '));
  const after = visible(text.slice(index).trimEnd());
  if (before.length + after.length <= room) return { before, after };
  const kept = Math.max(10, Math.floor(room / 2));
  return {
    before: before.length > kept ? `..${before.slice(-kept)}` : before,
    after: after.length > kept ? `${after.slice(0, kept)}..` : after,
  };
}

/** Finds lines in the texts of the documents that were read. */
export function linesOf(sources: readonly SourceDocuments[]): LineOf {
  const texts = new Map<string, string>();
  for (const { origin } of sources.flatMap(({ documents, invalid }) => [
    ...documents,
    ...invalid,
  ])) {
    if (origin.kind === 'file') texts.set(origin.file, origin.text);
  }
  return (file, line) => texts.get(file)?.split(/\r?\n/)[line - 1];
}

/** What `validate` knows when it is done. */
export interface Validated {
  readonly sources: readonly Pick<SourceDocuments, 'documents' | 'invalid'>[];
  readonly programs: readonly Pick<DesiredProgram, 'releases'>[];
  readonly problems: readonly Problem[];
}

/** The JSON document of `validate -o json`. */
export function validateDocument({ sources, programs, problems }: Validated): ValidateDocument {
  const count = (counts: readonly number[]): number => counts.reduce((sum, one) => sum + one, 0);
  return {
    formatVersion: planFormatVersion,
    kind: 'ValidateResult',
    summary: {
      documents: count(sources.map(({ documents, invalid }) => documents.length + invalid.length)),
      programs: programs.length,
      releases: count(programs.map(({ releases }) => releases.length)),
      ...countBySeverity(problems),
    },
    problems: problems.map(problemDocument),
  };
}

function countBySeverity(problems: readonly Problem[]) {
  const count = (severity: Severity): number =>
    problems.filter((problem) => problem.severity === severity).length;
  return { errors: count('error'), warnings: count('warning'), notes: count('info') };
}
