import stringWidth from 'string-width';

/** A picture of a terminal. */
export interface Screen {
  /** What was typed, shown after a prompt. */
  readonly command: string;
  /** Output with SGR colours as `core/render/style.ts` writes them. */
  readonly output: string;
  readonly columns: number;
  /** For those who cannot see it. */
  readonly title: string;
}

interface Run {
  readonly text: string;
  readonly codes: readonly string[];
}

const fontSize = 14;
/** Columns are this wide whatever the font: every run of text is stretched to its columns. */
const columnWidth = 8.4;
const lineHeight = 20;
const padding = 18;
const barHeight = 34;

const colors: Readonly<Record<string, string>> = {
  '31': '#ff7b72',
  '32': '#7ee787',
  '33': '#e3b341',
  '34': '#79c0ff',
  '35': '#d2a8ff',
  '36': '#76e3ea',
};
const foreground = '#d6dde6';
const faint = '#8b97a5';
const background = '#10151c';
const frame = '#2a323d';

/** The screen as SVG; the same input gives the same bytes. */
export function terminalSvg({ command, output, columns, title }: Screen): string {
  const lines = [
    `\u001b[32m$\u001b[0m \u001b[1m${command}\u001b[0m`,
    ...output.trimEnd().split('\n'),
  ];
  const width = Math.ceil(columns * columnWidth) + 2 * padding;
  const height = barHeight + lines.length * lineHeight + 2 * padding - 6;
  const texts = lines.map((line, i) =>
    lineSvg(line, barHeight + padding + i * lineHeight + fontSize),
  );
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="9" fill="${background}" stroke="${frame}"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map(
      (fill, i) => `<circle cx="${20 + i * 18}" cy="18" r="5.5" fill="${fill}"/>`,
    ),
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${fontSize}" fill="${foreground}" xml:space="preserve">`,
    ...texts.filter((text) => text !== ''),
    '</g>',
    '</svg>',
  ].join('\n')}\n`;
}

function lineSvg(line: string, y: number): string {
  let column = 0;
  return runsOf(line)
    .map((run) => {
      const start = column;
      column += stringWidth(run.text);
      return runSvg(run, start, y);
    })
    .join('');
}

/** Spaces at both ends are left to the position: not every renderer keeps them. */
function runSvg({ text, codes }: Run, start: number, y: number): string {
  const words = text.trim();
  if (words === '') return '';
  const column = start + (text.length - text.trimStart().length);
  const length = round(stringWidth(words) * columnWidth);
  return `<text x="${round(padding + column * columnWidth)}" y="${y}" textLength="${length}"${styleOf(codes)}>${escapeXml(words)}</text>`;
}

function styleOf(codes: readonly string[]): string {
  const color = codes.map((code) => colors[code]).find((found) => found !== undefined);
  const fill = color ?? (codes.includes('2') ? faint : undefined);
  return `${fill === undefined ? '' : ` fill="${fill}"`}${codes.includes('1') ? ' font-weight="bold"' : ''}`;
}

/** A line cut where its colours change. */
function runsOf(line: string): readonly Run[] {
  let codes: readonly string[] = [];
  // eslint-disable-next-line no-control-regex -- SGR sequences begin with escape
  return line.split(/(\u001b\[[\d;]*m)/).flatMap((part) => {
    if (!part.startsWith('\u001b[')) return part === '' ? [] : [{ text: part, codes }];
    const found = part.slice(2, -1).split(';');
    codes = found.includes('0') || part === '\u001b[m' ? [] : [...codes, ...found];
    return [];
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
