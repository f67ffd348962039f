import { stringWidth } from './width.ts';
import type { DeclarationDiff, DiffedProgram, DiffWord } from '../diff/declaration-diff.ts';
import { type DiffEntry, diffEntries, type DiffRow } from './diff-rows.ts';
import { diffSentences } from './diff-words.ts';
import { plural, sentenceText } from './sentence.ts';
import { painter, type Paint, type Style, type Tone } from './style.ts';
import { padded, wrapText } from './table.ts';
import { visible } from './visible.ts';

const marks = {
  added: ['+', 'green'],
  changed: ['~', 'yellow'],
  removed: ['-', 'red'],
} as const satisfies Record<DiffWord, readonly [string, Tone]>;

const indent = 13;
const gap = '  ';

/** What a change of the declarations means; ends with a line break. */
export function diffText(diff: DeclarationDiff, title: string, style: Style): string {
  const paint = painter(style);
  const entries = diff.programs.flatMap(diffEntries);
  const rows = entries.flatMap((entry) => entry.rows);
  const frame: Frame = {
    paint,
    style,
    name: widest(rows.map(({ name }) => name)),
    value: Math.min(60, widest(rows.map(({ value }) => value.join(' ')))),
  };
  const blocks = [
    [
      `${paint('bold', visible(title))}   ${paint('dim', 'declarations alone: no platform was asked')}`,
    ],
    diffSentences(diff).flatMap((sentence) => drawSentence(sentenceText(sentence), frame)),
    ...diff.programs.map((program) => programLines(program, frame)),
    [countsLine(diff)],
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

interface Frame {
  readonly paint: Paint;
  readonly style: Style;
  readonly name: number;
  readonly value: number;
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => stringWidth(text)));
}

function drawSentence(text: string, { style, paint }: Frame): readonly string[] {
  return wrapText(text, style.width).map((line) =>
    line.replaceAll('PRODUCTION', (word) => paint('loud', word)),
  );
}

function programLines(program: DiffedProgram, frame: Frame): string[] {
  const { key, names, change } = program;
  const fate = change === 'changed' ? '' : ` (${change})`;
  const title = visible(`${names.join(', ')} (${key.workspace}/${key.miniProgram})${fate}`);
  return [
    frame.paint('bold', title),
    ...diffEntries(program).flatMap((entry) => entryLines(entry, frame)),
  ];
}

function entryLines({ change, what, target, origin, rows }: DiffEntry, frame: Frame): string[] {
  const { paint } = frame;
  const [mark, tone] = marks[change];
  const environment =
    target?.environment === 'Production' ? paint('loud', 'Production') : target?.environment;
  const where = target ? `${gap}${target.app}/${environment ?? ''}` : '';
  const head = `${paint(tone, `${mark} ${padded(change, indent - 4)}`)}${gap}${what}${where}`;
  const from = origin === '' ? '' : `${gap}${paint('dim', origin)}`;
  return [`${head}${from}`, ...rows.map((row) => rowLine(row, frame))];
}

function rowLine({ name, value, origin }: DiffRow, frame: Frame): string {
  const text = value.join(' ');
  const left = `${' '.repeat(indent)}${padded(name, frame.name)}${gap}`;
  const right = origin === '' ? '' : `${gap}${frame.paint('dim', origin)}`;
  return `${left}${right === '' ? text : padded(text, frame.value)}${right}`;
}

function countsLine({ summary }: DeclarationDiff): string {
  const { programs, added, changed, removed, global } = summary;
  const parts = [
    `${String(added)} added`,
    `${String(changed)} changed`,
    `${String(removed)} removed`,
    ...(global > 0 ? [plural(global, 'global configuration')] : []),
  ];
  return `${parts.join(', ')}, in ${plural(programs, 'program')}.`;
}
