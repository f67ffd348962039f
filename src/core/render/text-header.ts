import { type EpochMs, isoTime } from '../words/time.ts';
import { observedAt, type PlanSet, type PlatformRead } from './plan-document.ts';
import { plural } from './sentence.ts';
import { visible } from './visible.ts';

/** Which platform was read, by which connection, and when. */
export function platformTexts(set: PlanSet): readonly string[] {
  return set.platforms
    .map((platform) => {
      const kind = platform.emulator ? ' (an emulator)' : '';
      return visible(
        `${platform.connection}: ${platform.platform}${kind}${readText(set, platform)}`,
      );
    })
    .sort();
}

function readText(set: PlanSet, { attestedAt }: PlatformRead): string {
  if (set.plans.length === 0) return '';
  return attestedAt === undefined
    ? `, read ${ago(observedAt(set), set.now)}`
    : `, from a snapshot of ${isoDate(observedAt(set))}`;
}

/** The day, in UTC. */
export function isoDate(time: EpochMs): string {
  return isoTime(time).slice(0, 10);
}

/** How long ago, in the unit people would use. */
function ago(then: EpochMs, now: EpochMs): string {
  const seconds = Math.floor((now - then) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${plural(Math.floor(seconds / 60), 'minute')} ago`;
  if (seconds < 172_800) return `${plural(Math.floor(seconds / 3600), 'hour')} ago`;
  return `${plural(Math.floor(seconds / 86_400), 'day')} ago`;
}
