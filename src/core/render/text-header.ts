import type { EpochMs } from '../words/time.ts';
import { observedAt, type PlanSet } from './plan-document.ts';
import { plural } from './sentence.ts';
import { visible } from './visible.ts';

/** Which platform was read, by which connection, and when. */
export function platformTexts(set: PlanSet): readonly string[] {
  const read = set.plans.length === 0 ? '' : `, read ${ago(observedAt(set), set.now)}`;
  return set.platforms
    .map((platform) => {
      const kind = platform.emulator
        ? ' (an emulator)'
        : platform.attestedAt === undefined
          ? ''
          : ' (attested)';
      return visible(`${platform.connection}: ${platform.platform}${kind}${read}`);
    })
    .sort();
}

/** How long ago, in the unit people would use. */
function ago(then: EpochMs, now: EpochMs): string {
  const seconds = Math.floor((now - then) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${plural(Math.floor(seconds / 60), 'minute')} ago`;
  if (seconds < 172_800) return `${plural(Math.floor(seconds / 3600), 'hour')} ago`;
  return `${plural(Math.floor(seconds / 86_400), 'day')} ago`;
}
