import type { ControllerStatus, ProgramStatus } from '../model/controller.ts';
import { plural } from './sentence.ts';
import { momentText, spanText } from './span.ts';
import {
  chosenPrograms,
  stateOrder,
  summaryOf,
  type StatusSet,
  type StatusSummary,
} from './status-document.ts';
import {
  connectionItem,
  programItem,
  programTitle,
  sourceItem,
  stateWord,
  troubleNotes,
  type StatusItem,
  type When,
} from './status-parts.ts';
import { painter, type Paint, type Style } from './style.ts';
import { padded, widestOf, wrap, wrapText, type Piece } from './table.ts';
import { folded, visible } from './visible.ts';
import { stringWidth } from './width.ts';

export interface StatusTextOptions {
  readonly style: Style;
  /** Programs that are in sync, and everything that is held or blocked, too. */
  readonly all: boolean;
}

interface Frame extends StatusTextOptions {
  readonly paint: Paint;
}

/** A controller that works writes its status more often than this. */
const silentMs = 60_000;
/** Programs of one state that are told at a glance. */
const mostOfState = 20;

/** What a controller does, and what waits for a person; ends with a line break. */
export function statusText(set: StatusSet, options: StatusTextOptions): string {
  const frame: Frame = { ...options, paint: painter(options.style) };
  const { status } = set;
  const blocks = [headLines(set, frame), ...(status ? bodyBlocks(set, status, frame) : [])].filter(
    (lines) => lines.length > 0,
  );
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function bodyBlocks(
  set: StatusSet,
  status: ControllerStatus,
  frame: Frame,
): readonly (readonly string[])[] {
  const { chosen } = set;
  const when = whenOf(set);
  const summary = summaryOf(set);
  const isWhole = chosen === undefined;
  return [
    isWhole
      ? section(
          'SOURCES',
          status.sources.map((source) => sourceItem(source, when)),
          frame,
        )
      : [],
    isWhole
      ? section(
          'CONNECTIONS',
          status.connections.map((one) => connectionItem(one, when)),
          frame,
        )
      : [],
    programLines(set, frame),
    footLines(set, summary, frame),
  ];
}

function whenOf({ now, running }: StatusSet): When {
  return { now, isOver: running === false };
}

function headLines(set: StatusSet, frame: Frame): readonly string[] {
  const { status, now } = set;
  const { paint, style } = frame;
  const sentences: readonly Piece[] = [runningPiece(set), ...(status ? noticesOf(status) : [])];
  const age = status ? now - status.at : 0;
  const isSilent = set.running === true && age > silentMs;
  return [
    ...sentences,
    ...(isSilent
      ? [
          {
            text: `It has said nothing for ${spanText(age)}: it hangs, or cannot write to its directory. What follows is old.`,
            tone: 'red' as const,
          },
        ]
      : []),
  ].flatMap(({ text, tone }) =>
    wrapText(text, style.width).map((line) => (tone ? paint(tone, line) : line)),
  );
}

function runningPiece({ running, status, stateDir, now }: StatusSet): Piece {
  const place = visible(stateDir);
  if (!status) return { text: `A controller was started on ${place} and has said nothing yet.` };
  const said = `${spanText(now - status.at)} ago`;
  const who = `fairlead ${visible(status.version)}, since ${momentText(status.startedAt)}`;
  if (running === true)
    return { text: `The controller runs (${who}). So it was ${said}.`, tone: 'bold' };
  const what =
    running === false
      ? `No controller runs on ${place}.`
      : `Whether a controller runs on ${place} cannot be told.`;
  return { text: `${what} So the last one left it ${said}.`, tone: 'yellow' };
}

/** What concerns everything. */
function noticesOf({ suspended, config, ledgerTrouble }: ControllerStatus): readonly Piece[] {
  const until = suspended?.until === undefined ? '' : ` until ${momentText(suspended.until)}`;
  return [
    ...(suspended
      ? [
          {
            text: `Everything is suspended${until} by ${visible(suspended.by)}: ${visible(suspended.reason)}`,
            tone: 'yellow' as const,
          },
        ]
      : []),
    ...(config.trouble
      ? [
          {
            text: `The settings in force are those of ${momentText(config.loadedAt)}: ${visible(config.file)} is not used as it is now.`,
          },
          ...troubleNotes(config.trouble),
        ]
      : []),
    ...(ledgerTrouble === undefined
      ? []
      : [{ text: visible(ledgerTrouble), tone: 'yellow' as const }]),
  ];
}

function section(title: string, items: readonly StatusItem[], frame: Frame): readonly string[] {
  if (items.length === 0) return [];
  return [frame.paint('dim', title), ...drawItems(items, frame)];
}

const gap = '  ';
/** A longer name stands on a line of its own. */
const widestName = 32;

function drawItems(items: readonly StatusItem[], frame: Frame): readonly string[] {
  const name = Math.max(
    ...items.map((item) => stringWidth(item.name)).filter((width) => width <= widestName),
    0,
  );
  const state = widestOf(items.map((item) => item.state.text));
  return items.flatMap((item) => drawItem(item, { name, state }, frame));
}

function drawItem(
  { name, state, facts, notes }: StatusItem,
  widths: { readonly name: number; readonly state: number },
  { paint, style }: Frame,
): readonly string[] {
  const indent = gap.length + widths.name + gap.length;
  const left = ' '.repeat(indent);
  const room = Math.max(20, style.width - indent);
  const pieces: readonly Piece[] = [
    { text: padded(state.text, widths.state + 1), tone: state.tone ?? 'dim' },
    ...facts.map((fact, i) => ({
      text: `${folded(fact, room - 1)}${i === facts.length - 1 ? '' : ','}`,
    })),
  ];
  const lines = wrap(pieces, room).map((line) =>
    line
      .map(({ text, tone }) => (tone ? paint(tone, text) : text))
      .join(' ')
      .trimEnd(),
  );
  const isLong = stringWidth(name) > widths.name;
  const first = `${gap}${paint('bold', padded(name, widths.name))}`;
  return [
    ...(isLong ? [first, ...lines.map((line) => `${left}${line}`)] : []),
    ...(isLong ? [] : lines.map((line, i) => `${i === 0 ? `${first}${gap}` : left}${line}`)),
    ...notes.flatMap(({ text, tone }) =>
      wrapText(text, Math.max(20, style.width - noteIndent.length)).map(
        (line) => `${noteIndent}${tone ? paint(tone, line) : line}`,
      ),
    ),
  ];
}

const noteIndent = ' '.repeat(6);

function programLines(set: StatusSet, frame: Frame): readonly string[] {
  const programs = chosenPrograms(set);
  const isWhole = frame.all || set.chosen !== undefined;
  const shown = stateOrder.map((state) => {
    const members = programs.filter((program) => program.state === state);
    const worth = members.filter(isWorthTelling).slice(0, mostOfState);
    return { members, items: isWhole ? members : worth };
  });
  const items = shown.flatMap((each) =>
    each.items.map((program) => programItem(program, { ...whenOf(set), whole: isWhole })),
  );
  const left = isWhole ? [] : leftLines(shown);
  if (items.length === 0 && left.length === 0) return ['no program is declared'];
  return [frame.paint('dim', 'PROGRAMS'), ...drawItems(items, frame), ...left];
}

/** In sync means that nothing waits; what policy leaves, such as reported drift, is to be seen all the same. */
function isWorthTelling({ state, held }: ProgramStatus): boolean {
  if (state === 'Unknown') return false;
  return state !== 'InSync' || held.some(({ reason }) => reason !== 'DriftIgnored');
}

/** What is not told one by one. */
function leftLines(
  shown: readonly {
    readonly members: readonly ProgramStatus[];
    readonly items: readonly ProgramStatus[];
  }[],
): readonly string[] {
  return shown.flatMap(({ members, items }) => {
    const [first] = members;
    const count = members.length - items.length;
    if (!first || count === 0) return [];
    const what = stateWord(first.state);
    const some =
      items.length > 0 ? `and ${plural(count, 'more program')}` : plural(count, 'program');
    return [`${gap}${some} ${what}`];
  });
}

function footLines(
  { now, running }: StatusSet,
  { oldestPending, nextAt }: StatusSummary,
  { style }: Frame,
): readonly string[] {
  const since = oldestPending?.pendingSince;
  const texts = [
    ...(oldestPending && since !== undefined
      ? [
          `oldest pending change: ${visible(programTitle(oldestPending))}, since ${momentText(since)} (${spanText(now - since)})`,
        ]
      : ['nothing is pending']),
    ...(nextAt === undefined || running === false
      ? []
      : [`next run: ${nextAt <= now ? 'now' : `in ${spanText(nextAt - now)}`}`]),
  ];
  return texts.flatMap((text) => wrapText(text, style.width));
}
