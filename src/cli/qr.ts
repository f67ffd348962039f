import { encode } from 'uqr';

/** Modules of white around the code: scanners want four. */
const quietZone = 4;

/** ANSI: black on white, whatever the terminal's own colours are, since a scanner needs dark on light. */
const blackOnWhite = '\u001b[30;107m';
const reset = '\u001b[0m';

/** Two modules above each other in one character, by which of them are dark. */
const halves = {
  color: { none: ' ', upper: '▀', lower: '▄', both: '█' },
  // Without colours the light modules are what is drawn: most terminals are dark, and most scanners read both.
  plain: { none: '█', upper: '▄', lower: '▀', both: ' ' },
} as const;

/**
 * A QR code for a terminal, two rows of modules a line.
 *
 * @param text  what the code says, at most 2,331 bytes
 * @returns     lines joined by line feeds
 * @throws      RangeError where the text is too long for a QR code
 */
export function drawQr(text: string, { color }: { readonly color: boolean }): string {
  const { data, size } = encode(text, { ecc: 'M', border: quietZone });
  const marks = color ? halves.color : halves.plain;
  const isDark = (row: number, column: number): boolean => data[row]?.[column] === true;
  const lines: string[] = [];
  for (let row = 0; row < size; row += 2) {
    const line = Array.from({ length: size }, (_, column) => {
      const [upper, lower] = [isDark(row, column), isDark(row + 1, column)];
      if (upper) return lower ? marks.both : marks.upper;
      return lower ? marks.lower : marks.none;
    }).join('');
    lines.push(color ? `${blackOnWhite}${line}${reset}` : line);
  }
  return lines.join('\n');
}
