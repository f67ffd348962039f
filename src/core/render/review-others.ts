import { isReleaseKey } from '../words/keys.ts';
import type { OtherPulls, Review } from './review.ts';
import { fitting } from './review-room.ts';
import type { Ink } from './review-ink.ts';
import { plural } from './sentence.ts';

const maxList = 3_000;

/**
 * Other open pull requests that want the same, by their numbers: no title, branch or value of theirs is shown.
 *
 * A number stands without the sign that would leave a mention in the other pull request at each edit.
 */
export function othersBlock({ others }: Review, ink: Ink): string {
  if (!others) return '';
  const lines = [...others.overlaps.map((one) => overlapLine(one, ink)), ...notes(others)];
  if (lines.length === 0) return '';
  const left = (count: number): string => `- and ${String(count)} more`;
  return ['**Other open pull requests**', '', ...fitting(lines, maxList, left)].join('\n');
}

function overlapLine(
  { pull, key, kind, fields }: OtherPulls['overlaps'][number],
  ink: Ink,
): string {
  const what = isReleaseKey(key)
    ? `${ink.code(key.version)} on ${ink.code(key.app)}, ${key.environment === 'Production' ? '**Production**' : key.environment}`
    : `the global configuration of ${ink.code(key.miniProgram)}`;
  const other = `- ⚠️ pull request ${String(pull)}`;
  return kind === 'claim'
    ? `${other} declares ${what} as well: of two claims none is applied, so only one of the two can be merged as it is`
    : `${other} changes ${fields.map(ink.code).join(', ')} of ${what} as well, to another value: whichever is merged last counts`;
}

/** Whoever was not compared is named: silence would read as "wants nothing of it". */
function notes({ isListed, unread, tooLarge = [], left }: OtherPulls): readonly string[] {
  if (!isListed)
    return ['- they could not be listed: whether any of them wants the same is not known'];
  return [
    ...notCompared(unread, 'could not be read'),
    ...notCompared(tooLarge, 'left out as too large to compare'),
    ...(left === 0 ? [] : [`- ${plural(left, 'older one')} nobody looked at`]),
  ];
}

const mostNumbers = 20;

function notCompared(pulls: readonly number[], why: string): readonly string[] {
  if (pulls.length === 0) return [];
  const rest = pulls.length - mostNumbers;
  const more = rest > 0 ? `, and ${String(rest)} more` : '';
  const which = `${pulls.slice(0, mostNumbers).join(', ')}${more}`;
  return [`- ${plural(pulls.length, 'other pull request')} ${why} (${which})`];
}
