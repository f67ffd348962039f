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

function notes({ isListed, unread, left }: OtherPulls): readonly string[] {
  if (!isListed)
    return ['- they could not be listed: whether any of them wants the same is not known'];
  if (unread.length === 0) return [];
  const older = left === 0 ? '' : `, and ${plural(left, 'older one')} nobody looked at`;
  return [
    `- ${plural(unread.length, 'other pull request')} could not be read (${unread.slice(0, 10).join(', ')})${older}`,
  ];
}
