import { originText } from '../words/places.ts';
import type { Problem, Severity } from '../words/problems.ts';
import { plural } from './sentence.ts';
import { painter, type Style } from './style.ts';
import { wrapText } from './table.ts';
import { visible } from './visible.ts';

const tones = { error: 'red', warning: 'yellow', info: 'cyan' } as const satisfies Record<
  Severity,
  string
>;

/** Problems as text, each with its place, rule and next step; a summary last. Empty for none. */
export function problemsText(problems: readonly Problem[], style: Style): string {
  if (problems.length === 0) return '';
  return (
    [...problems.map((problem) => problemText(problem, style)), summaryText(problems)].join('\n') +
    '\n'
  );
}

function problemText({ rule, severity, message, nextStep, origin }: Problem, style: Style): string {
  const paint = painter(style);
  const place = origin === undefined ? '' : `${visible(originText(origin))}: `;
  const head = `${place}${paint(tones[severity], severity)} ${paint('dim', rule)} ${visible(message)}`;
  const step =
    nextStep === undefined
      ? []
      : wrapText(`next: ${visible(nextStep)}`, style.width - 4).map((line) => `    ${line}`);
  return [head, ...step].join('\n');
}

function summaryText(problems: readonly Problem[]): string {
  const count = (severity: Severity): number =>
    problems.filter((problem) => problem.severity === severity).length;
  return `${plural(count('error'), 'error')}, ${plural(count('warning'), 'warning')}${
    count('info') === 0 ? '' : `, ${plural(count('info'), 'note')}`
  }.`;
}
