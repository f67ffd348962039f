import { programId, type ProgramKey } from '../words/keys.ts';
import type { HistorySet } from './history-document.ts';
import { toldOf, type NameOf, type Told } from './history-told.ts';
import { momentText } from './span.ts';
import { painter, type Paint, type Style } from './style.ts';
import { columnsOf, drawRow, wrapText, type Columns, type Piece } from './table.ts';
import { stringWidth } from './width.ts';

export interface HistoryTextOptions {
  readonly style: Style;
  readonly nameOf: NameOf;
}

const indent = 4;

/** A history as text, newest first as in `git log`; ends with a line break. */
export function historyText(
  { entries, hasMore }: HistorySet,
  { style, nameOf }: HistoryTextOptions,
): string {
  const told = entries.map((entry) => toldOf(entry, nameOf));
  const rows = told.flatMap((one) => one.rows);
  const frame: Frame = { style, paint: painter(style), columns: columnsOf(rows, indent, style) };
  const blocks = told.map((one) => draw(one, frame).join('\n'));
  const more = hasMore
    ? [`There is more: these are the newest ${String(entries.length)}; --limit 0 shows all.`]
    : [];
  return `${[...blocks, ...more].join('\n\n')}\n`;
}

interface Frame {
  readonly style: Style;
  readonly paint: Paint;
  readonly columns: Columns;
}

function draw({ at, about, verdict, rows, notes }: Told, frame: Frame): readonly string[] {
  const { paint, style, columns } = frame;
  const head = [{ text: momentText(at), tone: 'dim' as const }, ...about, verdict].filter(
    ({ text }) => text !== '',
  );
  const left = ' '.repeat(indent);
  return [
    ...folded(head, style).map((line, i) => `${i === 0 ? '' : left}${drawHead(line, paint)}`),
    ...rows.flatMap((row) => drawRow(row, columns, paint)),
    ...notes.flatMap((note) =>
      wrapText(note, style.width - indent).map((line) => `${left}${paint('dim', line)}`),
    ),
  ];
}

const between = '  ';

/** Pieces on lines that fit; what is too long for any has one of its own. */
function folded(pieces: readonly Piece[], { width }: Style): readonly (readonly Piece[])[] {
  const lines: Piece[][] = [];
  let used = 0;
  for (const piece of pieces) {
    const size = stringWidth(piece.text);
    const last = lines.at(-1);
    if (last && used + between.length + size <= width) {
      last.push(piece);
      used += between.length + size;
    } else {
      lines.push([piece]);
      used = size + (last ? indent : 0);
    }
  }
  return lines;
}

function drawHead(pieces: readonly Piece[], paint: Paint): string {
  return pieces.map(({ text, tone }) => (tone ? paint(tone, text) : text)).join(between);
}

/** Names as the ledger and the controller know them; the place of the program where there is none. */
export function programNames(
  known: readonly { readonly key: ProgramKey; readonly names: readonly string[] }[],
): NameOf {
  const names = new Map(known.map((program) => [programId(program.key), program.names]));
  return (key) => {
    const place = `${key.workspace}/${key.miniProgram}`;
    const [name] = names.get(programId(key)) ?? [];
    return name ?? place;
  };
}
