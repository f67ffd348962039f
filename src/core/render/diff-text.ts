import type { DeclarationDiff, DiffedProgram, DiffWord } from '../diff/declaration-diff.ts';
import { type DiffEntry, diffEntries } from './diff-rows.ts';
import { diffSentences } from './diff-words.ts';
import { targetText } from './facts.ts';
import { appsByEnvironment } from './groups.ts';
import { plural, sentenceText } from './sentence.ts';
import { painter, type Paint, type Style, type Tone } from './style.ts';
import { type Columns, columnsOf, drawRow, padded, type Row, widestOf, wrapText } from './table.ts';
import { visible } from './visible.ts';

const marks = {
  added: ['+', 'green'],
  changed: ['~', 'yellow'],
  removed: ['-', 'red'],
} as const satisfies Record<DiffWord, readonly [string, Tone]>;

const indent = 13;

/** What a change of the declarations means; ends with a line break. */
export function diffText(diff: DeclarationDiff, title: string, style: Style): string {
  const paint = painter(style);
  const programs = diff.programs.map((program) => ({ program, entries: diffEntries(program) }));
  const entries = programs.flatMap((one) => one.entries);
  const frame: Frame = {
    paint,
    style,
    columns: columnsOf(
      entries.flatMap(({ rows }) => rows),
      indent,
      style,
    ),
    what: widestOf(entries.map(({ what }) => what)),
  };
  const blocks = [
    [
      `${paint('bold', visible(title))}   ${paint('dim', 'declarations alone: no platform was asked')}`,
    ],
    diffSentences(diff).flatMap((sentence) => drawSentence(sentenceText(sentence), frame)),
    ...programs.map(({ program, entries: own }) => [
      paint('bold', titleOf(program)),
      ...own.flatMap((entry) => entryLines(entry, frame)),
    ]),
    [countsLine(diff)],
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

interface Frame {
  readonly paint: Paint;
  readonly style: Style;
  readonly columns: Columns;
  readonly what: number;
}

function drawSentence(text: string, { style, paint }: Frame): readonly string[] {
  return wrapText(text, style.width).map((line) =>
    line.replaceAll('PRODUCTION', (word) => paint('loud', word)),
  );
}

function titleOf({ key, names, change }: DiffedProgram): string {
  const fate = change === 'changed' ? '' : ` (${change})`;
  return visible(`${names.join(', ')} (${key.workspace}/${key.miniProgram})${fate}`);
}

function entryLines(entry: DiffEntry, frame: Frame): readonly string[] {
  const { paint, columns } = frame;
  const { change, what, targets, origin, rows } = entry;
  const [mark, tone] = marks[change];
  const where = whereText(entry).replace('Production', (word) => paint('loud', word));
  const head = `${paint(tone, `${mark} ${padded(change, 9)}`)}${padded(what, frame.what)}  ${where}`;
  const from = origin === '' || targets.length === 0 ? '' : `   ${paint('dim', origin)}`;
  return [
    `${head}${from}`.trimEnd(),
    ...(targets.length > 1 ? appsByEnvironment(targets).map(targetsRow) : []).flatMap((row) =>
      drawRow(row, columns, paint),
    ),
    ...rows.flatMap((row) => drawRow(row, columns, paint)),
  ];
}

function whereText({ targets }: DiffEntry): string {
  const [only] = targets;
  if (targets.length === 1 && only) return visible(targetText(only));
  return appsByEnvironment(targets)
    .map(({ environment, apps }) => `${environment} of ${plural(apps.length, 'app')}`)
    .join(', ');
}

function targetsRow({ environment, apps }: ReturnType<typeof appsByEnvironment>[number]): Row {
  const value = apps.map((app) => ({ text: visible(app) }));
  return { kind: 'targets', name: environment, value, origin: '', remarks: [] };
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
