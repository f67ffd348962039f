import { stringWidth } from './width.ts';
import { planChangeId, writableChanges } from '../plan/identity.ts';
import { type Entry, entryOf } from './entry.ts';
import { factsOf, type ProgramFacts, programTitle } from './facts.ts';
import { groupsOf } from './groups.ts';
import { heldLines } from './held.ts';
import { type PlanSet, problemsOf } from './plan-document.ts';
import { problemsText } from './problems.ts';
import { plural, type Sentence, sentenceText } from './sentence.ts';
import { painter, type Paint, type Style, symbolOf, toneOf } from './style.ts';
import {
  type Columns,
  columnsOf,
  drawPieces,
  drawRow,
  padded,
  widestOf,
  wrapText,
} from './table.ts';
import { countsLine, leftAloneLines } from './tally.ts';
import { platformTexts } from './text-header.ts';
import { sentencesOf } from './words.ts';

/** Where the fields of a change begin. */
const indent = 13;

/** The plan for a terminal or a log; ends with a line break. */
export function renderText(set: PlanSet, style: Style): string {
  const paint = painter(style);
  const programs = factsOf(set);
  const blocks = [
    headerLines(set, programs, style),
    sentencesOf(set).flatMap((sentence) => drawSentence(sentence, style, paint)),
    ...bodyBlocks(set, programs, style),
    leftAloneLines(set, programs, style),
    footerLines(set, style),
    heldLines(programs, style),
    problemsText(problemsOf(set), style).trimEnd().split('\n'),
  ];
  return `${blocks
    .filter((block) => block.join('') !== '')
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

function headerLines(
  set: PlanSet,
  programs: readonly ProgramFacts[],
  style: Style,
): readonly string[] {
  const paint = painter(style);
  const plans = programs.map(({ plan }) => plan);
  const pieces = [
    paint('bold', titleOf(programs)),
    // Nothing to allow: every such plan has the same id.
    ...(plans.some((plan) => writableChanges(plan).length > 0)
      ? [`change ${planChangeId(plans)}`]
      : []),
    ...platformTexts(set).map((text) => paint('dim', text)),
  ];
  const lines: string[] = [];
  for (const piece of pieces) {
    const longer = `${lines.at(-1) ?? ''}   ${piece}`;
    if (lines.length > 0 && stringWidth(longer) <= style.width) lines.splice(-1, 1, longer);
    else lines.push(piece);
  }
  return lines;
}

function titleOf(programs: readonly ProgramFacts[]): string {
  const only = programs.length === 1 ? programs[0] : undefined;
  return only ? `Plan for ${programTitle(only)}` : `Plan for ${plural(programs.length, 'program')}`;
}

function drawSentence(sentence: Sentence, style: Style, paint: Paint): readonly string[] {
  return wrapText(sentenceText(sentence), style.width).map((line) =>
    line.replaceAll('PRODUCTION', (word) => paint('loud', word)),
  );
}

function bodyBlocks(
  set: PlanSet,
  programs: readonly ProgramFacts[],
  style: Style,
): readonly (readonly string[])[] {
  const entries = programs.map((program) => ({
    program,
    entries: groupsOf(program)
      .filter(({ first }) => set.all || first.change.action !== 'unchanged')
      .map((group) => entryOf(group, set.locate)),
  }));
  const every = entries.flatMap((one) => one.entries);
  const frame: Frame = {
    style,
    paint: painter(style),
    columns: columnsOf(
      every.flatMap((entry) => entry.rows),
      indent,
      style,
    ),
    action: Math.max(9, 2 + widestOf(every.map(({ group }) => group.first.change.action))),
    what: widestOf(every.map(({ what }) => what)),
    where: Math.min(36, widestOf(every.map(({ where }) => where))),
  };
  return entries.map((one) => [
    ...(programs.length > 1 && one.entries.length > 0
      ? [frame.paint('bold', programTitle(one.program))]
      : []),
    ...one.entries.flatMap((entry) => drawEntry(entry, frame)),
  ]);
}

interface Frame {
  readonly style: Style;
  readonly paint: Paint;
  readonly columns: Columns;
  readonly action: number;
  readonly what: number;
  readonly where: number;
}

function drawEntry(entry: Entry, frame: Frame): readonly string[] {
  const { paint, columns, style } = frame;
  const left = ' '.repeat(indent);
  return [
    ...drawHead(entry, frame),
    ...entry.rows.flatMap((row) => drawRow(row, columns, paint)),
    ...entry.after.flatMap(({ text, tone }) =>
      wrapText(text, Math.max(30, style.width - indent)).map(
        (line) => `${left}${tone ? paint(tone, line) : line}`,
      ),
    ),
  ];
}

function drawHead(entry: Entry, frame: Frame): readonly string[] {
  const { style, paint, what, where } = frame;
  const { action } = entry.group.first.change;
  const symbol = paint(
    toneOf(action),
    `${symbolOf(action, style)} ${padded(action, frame.action)}`,
  );
  const loud = entry.where.replace('Production', (word) => paint('loud', word));
  const start = `${symbol}${padded(entry.what, what)}  ${loud}`;
  if (entry.notes.length === 0) return [start.trimEnd()];
  const space = ' '.repeat(Math.max(0, where - stringWidth(entry.where)) + 3);
  const notes = entry.notes.map((note) => drawPieces([note], paint)).join('   ');
  const line = `${start}${space}${notes}`;
  if (stringWidth(line) <= style.width) return [line];
  return [start, `${' '.repeat(indent)}${notes}`];
}

function footerLines(set: PlanSet, style: Style): readonly string[] {
  return wrapText(countsLine(set), style.width);
}
