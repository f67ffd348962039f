import { stringWidth } from './width.ts';
import type { Paint, Style, Tone } from './style.ts';
import { folded } from './visible.ts';

/** Text that is kept together on a line, already inert. */
export interface Piece {
  readonly text: string;
  readonly tone?: Tone;
  /** Our own words alone: nothing in it was written by somebody else. */
  readonly own?: true;
}

/** One field of a change, or the targets it is about. */
export interface Row {
  readonly kind: 'field' | 'list' | 'targets';
  readonly name: string;
  readonly value: readonly Piece[];
  readonly origin: string;
  readonly remarks: readonly Piece[];
}

/** Widths that all rows of one output share. */
export interface Columns {
  readonly indent: number;
  readonly name: number;
  readonly value: number;
  /** 0: no room beside the value, origins stand below it. */
  readonly origin: number;
  readonly width: number;
}

const gap = 2;
const widest = { name: 32, value: 48, origin: 56, remark: 34 };
const narrowestValue = 16;

/** Columns into which most rows fit; a row that does not goes on below itself. */
export function columnsOf(all: readonly Row[], indent: number, { width }: Style): Columns {
  const rows = all.filter(({ kind }) => kind !== 'targets');
  const max = (texts: readonly string[], most: number): number => Math.min(most, widestOf(texts));
  const name = max(
    all.map((row) => row.name),
    widest.name,
  );
  const wanted = max(
    rows.map((row) => textOf(withCommas(row))),
    widest.value,
  );
  const origin = max(
    rows.map((row) => row.origin),
    widest.origin,
  );
  const remark = max(
    rows.map((row) => joined(row.remarks)),
    widest.remark,
  );
  const room = Math.max(narrowestValue, width - indent - name - gap);
  const beside = room - origin - gap;
  if (beside < narrowestValue) return { indent, name, value: room, origin: 0, width };
  const longest = max(
    rows.flatMap((row) => withCommas(row).map(({ text }) => text)),
    widest.value,
  );
  const value = Math.min(wanted, beside, Math.max(narrowestValue, longest, beside - remark - gap));
  return { indent, name, value, origin, width };
}

/** The width of the widest text; 0 for none. */
export function widestOf(texts: readonly string[]): number {
  return texts.reduce((widest, text) => Math.max(widest, stringWidth(text)), 0);
}

/** The lines of a row. */
export function drawRow(row: Row, columns: Columns, paint: Paint): readonly string[] {
  const room = columns.width - columns.indent - columns.name - gap;
  const values = wrap(
    withCommas(row).map((piece) => fit(piece, room)),
    row.kind === 'targets' ? room : columns.value,
  );
  const { beside, below } = rightOf(row, columns, paint);
  const free = values.findIndex((pieces) => width(pieces) <= columns.value);
  const needsOwnLine = free === -1 && (beside !== '' || values.length === 0);
  const cells = needsOwnLine ? [...values, []] : values;
  const at = free === -1 ? values.length : free;
  const lines = cells.map((pieces, i) => {
    if (i !== at || beside === '') return drawPieces(pieces, paint);
    return `${drawPieces(pieces, paint)}${' '.repeat(columns.value - width(pieces) + gap)}${beside}`;
  });
  return withName(row.name, [...lines, ...below], columns);
}

function withCommas({ kind, value }: Row): readonly Piece[] {
  if (kind === 'field') return value;
  return value.map((piece, i) =>
    i === value.length - 1 ? piece : { ...piece, text: `${piece.text},` },
  );
}

function withName(name: string, lines: readonly string[], columns: Columns): readonly string[] {
  const left = ' '.repeat(columns.indent);
  const hanging = `${left}${' '.repeat(columns.name + gap)}`;
  if (stringWidth(name) > columns.name)
    return [`${left}${name}`, ...lines.map((line) => `${hanging}${line}`.trimEnd())];
  const first = `${left}${padded(name, columns.name)}${' '.repeat(gap)}`;
  return lines.map((line, i) => `${i === 0 ? first : hanging}${line}`.trimEnd());
}

/** What stands right of the value, and what finds no room there. */
function rightOf(
  row: Row,
  columns: Columns,
  paint: Paint,
): { readonly beside: string; readonly below: readonly string[] } {
  const origin: readonly Piece[] = row.origin === '' ? [] : [{ text: row.origin, tone: 'dim' }];
  const remarks = row.remarks.map((piece, i) => ({
    text: `${piece.text}${i === row.remarks.length - 1 ? '' : ';'}`,
    tone: piece.tone ?? 'dim',
  }));
  const room = columns.width - columns.indent - columns.name - gap;
  const below = (pieces: readonly Piece[]): readonly string[] =>
    wrap(pieces, room).map((line) => drawPieces(line, paint));
  if (columns.origin === 0 || stringWidth(row.origin) > columns.origin) {
    return { beside: '', below: [...below(origin), ...below(remarks)] };
  }
  const left = room - columns.value - columns.origin - 2 * gap;
  if (remarks.length === 0 || width(remarks) > left)
    return { beside: drawPieces(origin, paint), below: below(remarks) };
  const padding = ' '.repeat(columns.origin - stringWidth(row.origin) + gap);
  return {
    beside: `${drawPieces(origin, paint)}${padding}${drawPieces(remarks, paint)}`,
    below: [],
  };
}

/** Pieces on lines no wider than `most`; a wider piece has a line of its own. */
export function wrap(pieces: readonly Piece[], most: number): readonly (readonly Piece[])[] {
  const lines: Piece[][] = [];
  for (const piece of pieces) {
    const last = lines.at(-1);
    if (last && width(last) + 1 + stringWidth(piece.text) <= most) last.push(piece);
    else lines.push([piece]);
  }
  return lines;
}

/** Words of a sentence on lines no wider than `most`. */
export function wrapText(text: string, most: number): readonly string[] {
  return wrap(
    text.split(' ').map((word) => ({ text: word })),
    most,
  ).map(textOf);
}

export function drawPieces(pieces: readonly Piece[], paint: Paint): string {
  return pieces.map(({ text, tone }) => (tone ? paint(tone, text) : text)).join(' ');
}

function fit(piece: Piece, room: number): Piece {
  return stringWidth(piece.text) <= room ? piece : { ...piece, text: folded(piece.text, room) };
}

function width(pieces: readonly Piece[]): number {
  return stringWidth(textOf(pieces));
}

function textOf(pieces: readonly Piece[]): string {
  return pieces.map((piece) => piece.text).join(' ');
}

/** As wide as the remarks beside each other. */
function joined(remarks: readonly Piece[]): string {
  return remarks.map((piece) => piece.text).join('; ');
}

/** The text with spaces after it up to a width. */
export function padded(text: string, columns: number): string {
  return `${text}${' '.repeat(Math.max(0, columns - stringWidth(text)))}`;
}
