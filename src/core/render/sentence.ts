import type { Environment } from '../words/environments.ts';
import type { ReleaseKey } from '../words/keys.ts';
import { appsByEnvironment } from './groups.ts';
import { visible } from './visible.ts';

/** Words that must not be overread, such as Production. */
interface Loud {
  readonly loud: string;
}

/** Words of somebody else, inert for terminals; an output format must make them inert for itself. */
interface Said {
  readonly said: string;
}

type SentencePiece = string | Loud | Said;

/** A sentence that knows nothing of any output format: plain strings are our own words. */
export type Sentence = readonly SentencePiece[];

/** More apps than this are counted instead of named. */
const mostNamed = 4;

/** A sentence from own words and what stands between them. */
export function say(
  own: TemplateStringsArray,
  ...between: readonly (SentencePiece | number | Sentence)[]
): Sentence {
  return own.flatMap((words, i): Sentence => {
    const next = between[i] ?? '';
    const pieces = typeof next === 'number' ? [String(next)] : Array.isArray(next) ? next : [next];
    return [words, ...(pieces as Sentence)].filter((piece) => piece !== '');
  });
}

export function said(text: string): Said {
  return { said: visible(text) };
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `a, b and c`: names as far as a sentence bears them, then how many more. */
export function someOf(names: readonly string[], most = mostNamed): Sentence {
  const shown = names.length > most ? names.slice(0, most - 1) : names;
  const more = names.length - shown.length;
  return shown.flatMap((name, i): Sentence => {
    const last = i === shown.length - 1 && more === 0;
    const before = i === 0 ? '' : last ? ' and ' : ', ';
    const after = i === shown.length - 1 && more > 0 ? ` and ${more} more` : '';
    return say`${before}${said(name)}${after}`;
  });
}

/** `PRODUCTION of megapay and rapipay, Sandbox of 12 apps`. */
export function whereOf(keys: readonly Pick<ReleaseKey, 'app' | 'environment'>[]): Sentence {
  return appsByEnvironment(keys).flatMap(({ environment, apps }, i) => {
    const names = apps.length > mostNamed ? plural(apps.length, 'app') : someOf(apps);
    return say`${i === 0 ? '' : ', '}${environmentName(environment)} of ${names}`;
  });
}

/** Production is loud. */
export function environmentName(environment: Environment): SentencePiece {
  return environment === 'Production' ? { loud: 'PRODUCTION' } : environment;
}

/** The sentence as plain text. */
export function sentenceText(sentence: Sentence): string {
  return sentence.map(pieceText).join('');
}

function pieceText(piece: SentencePiece): string {
  if (typeof piece === 'string') return piece;
  return 'loud' in piece ? piece.loud : piece.said;
}
