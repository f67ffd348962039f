import type { Ink } from './review-ink.ts';
import type { ReviewRow } from './review-rows.ts';
import type { ReviewTarget } from './review-targets.ts';
import { plural } from './sentence.ts';

/** Apps in a cell before the rest is counted. */
const mostApps = 6;

export const symbols = {
  create: '🆕',
  update: '✏️',
  declared: '📝',
  held: '✋',
  blocked: '⛔',
  waiting: '⏳',
  dropped: '↩️',
  undeclared: '🗑️',
  adopt: '🏷️',
  settled: '💤',
} as const satisfies Record<ReviewTarget['effect'], string>;

export function appsCell({ apps, members }: ReviewRow, ink: Ink): string {
  if (apps.length === 0) {
    const reached = members[0].reach.length;
    return `all, by the global configuration (${reached === 0 ? 'new records only' : `${plural(reached, 'record')} at once`})`;
  }
  const shown = apps.length > mostApps ? apps.slice(0, mostApps - 1) : apps;
  const more = apps.length - shown.length;
  return `${shown.map(ink.code).join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}
