import type { Environment } from '../words/environments.ts';
import type { ReleaseKey } from '../words/keys.ts';
import { appsByEnvironment } from './groups.ts';
import { visible } from './visible.ts';

/** A part of a sentence that must not be overread, such as Production. */
interface Loud {
  readonly loud: string;
}

/** A sentence in pieces; texts are inert already, and know nothing of any output format. */
export type Sentence = readonly (string | Loud)[];

/** More apps than this are counted instead of named. */
const mostNamed = 4;

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `a, b and c`. */
export function listText(texts: readonly string[]): string {
  if (texts.length < 2) return texts.join('');
  return `${texts.slice(0, -1).join(', ')} and ${texts.at(-1) ?? ''}`;
}

/** Names as far as a sentence bears them, then how many more. */
export function someOf(names: readonly string[], most = mostNamed): string {
  const shown = names.map(visible);
  if (shown.length <= most) return listText(shown);
  return `${shown.slice(0, most - 1).join(', ')} and ${shown.length - most + 1} more`;
}

/** `Production of megapay and rapipay, Sandbox of 12 apps`. */
export function whereOf(keys: readonly Pick<ReleaseKey, 'app' | 'environment'>[]): Sentence {
  return appsByEnvironment(keys).flatMap(({ environment, apps }, i) => [
    ...(i === 0 ? [] : [', ']),
    ...environmentName(environment),
    ` of ${apps.length > mostNamed ? plural(apps.length, 'app') : someOf(apps)}`,
  ]);
}

/** Production is loud. */
export function environmentName(environment: Environment): Sentence {
  return environment === 'Production' ? [{ loud: 'PRODUCTION' }] : [environment];
}

/** The sentence as plain text. */
export function sentenceText(sentence: Sentence): string {
  return sentence.map((piece) => (typeof piece === 'string' ? piece : piece.loud)).join('');
}
