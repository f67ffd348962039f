import { isReleaseKey } from '../words/keys.ts';
import { safeInk } from './review-ink.ts';
import { folded } from './review-room.ts';
import type { Review } from './review.ts';
import { plural } from './sentence.ts';

/** A code takes some 2,000 characters: so many have room. */
const mostCodes = 4;

/**
 * Test QR codes of the records that the pull request changes, as they are today: scanning one shows what testers have.
 * Empty unless somebody asked for them, which is refused where strangers can read.
 */
export function testCodes({ programs, drawCode }: Review): string {
  if (!drawCode) return '';
  const found = programs.flatMap(({ own }) =>
    own.changes.flatMap(({ change }) =>
      change.scope === 'release' && isReleaseKey(change.key) && change.testQrCode !== undefined
        ? [{ key: change.key, code: change.testQrCode }]
        : [],
    ),
  );
  const drawn = found.slice(0, mostCodes).flatMap(({ key, code }) => {
    const lines = drawCode(code);
    const title = `${safeInk.code(key.version)} on ${safeInk.code(key.app)}, ${key.environment}`;
    return lines === undefined ? [] : [`${title}\n\n\`\`\`text\n${lines}\n\`\`\``];
  });
  if (drawn.length === 0) return '';
  const more = found.length - drawn.length;
  const left =
    more <= 0 ? [] : [`and ${plural(more, 'more code')}: \`fairlead get releases --qr\``];
  const body = ['As the records are now, before merging:', ...drawn, ...left].join('\n\n');
  return folded(`Test QR codes (${plural(drawn.length, 'record')})`, body);
}
