import type { Action } from '../words/reasons.ts';

/** How text is drawn. The caller knows the terminal; a rendering never looks for one. */
export interface Style {
  readonly color: boolean;
  /** Columns; text that can be folded stays within them. */
  readonly width: number;
  /** Symbols beyond ASCII may be used. Values are printed as they are either way. */
  readonly unicode: boolean;
}

/** For files, pipes and tests. */
export const plainStyle: Style = { color: false, width: 100, unicode: true };

export type Tone =
  'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'loud';

/** SGR parameters; `loud` is for Production. */
const codes = {
  bold: '1',
  dim: '2',
  red: '31',
  green: '32',
  yellow: '33',
  blue: '34',
  magenta: '35',
  cyan: '36',
  loud: '1;31',
} as const satisfies Record<Tone, string>;

/** Paints a text in a tone. */
export type Paint = (tone: Tone, text: string) => string;

export function painter(style: Style): Paint {
  if (!style.color) return (_tone, text) => text;
  return (tone, text) => (text === '' ? '' : `\u001b[${codes[tone]}m${text}\u001b[0m`);
}

/** What stands before an action; the second is for terminals without Unicode. */
const symbols = {
  create: ['+', '+', 'green'],
  update: ['~', '~', 'yellow'],
  adopt: ['≈', '*', 'magenta'],
  blocked: ['!', '!', 'red'],
  waiting: ['…', '.', 'cyan'],
  settled: ['»', '>', 'dim'],
  unchanged: ['=', '=', 'dim'],
  undeclared: ['?', '?', 'yellow'],
} as const satisfies Record<Action | 'undeclared', readonly [string, string, Tone]>;

/** The symbol of an action, or of what nobody declares. */
export function symbolOf(action: Action | 'undeclared', style: Style): string {
  return symbols[action][style.unicode ? 0 : 1];
}

export function toneOf(action: Action | 'undeclared'): Tone {
  return symbols[action][2];
}
