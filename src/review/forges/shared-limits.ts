import type { Clock } from '../../ports/index.ts';
import type { ForgeAnswer } from './shared-wire.ts';

/** Where a forge limits us and does not say for how long. @see GitHub, "Best practices for using the REST API" */
const unsaidMs = 60_000;

/**
 * No forge's limit lasts longer: what ends later is a clock that is wrong, or a proxy, and is asked again by then.
 *
 * @see GitHub, "Rate limits for the REST API": counted by the hour; GitLab and Gitea by the minute
 */
export const longestPauseMs = 3_600_000;

/**
 * How long a refusal asks us to wait.
 *
 * @returns milliseconds, never below 0; undefined for a refusal that says nothing of it
 */
export function waitOf({ headers }: ForgeAnswer, clock: Clock): number | undefined {
  const now = sentAt(headers['date']) ?? clock.wall();
  const after = headers['retry-after']?.trim();
  if (after !== undefined && /^\d{1,9}$/.test(after)) return Number(after) * 1000;
  const until = after === undefined ? undefined : sentAt(after);
  if (until !== undefined) return Math.max(0, until - now);
  return exhaustedFor(headers, now);
}

/** The wait after a refusal that is known to be a limit. */
export function limitWaitOf(answer: ForgeAnswer, clock: Clock): number {
  return waitOf(answer, clock) ?? unsaidMs;
}

/**
 * How long nothing is left of the budget that an answer speaks of; undefined while something is.
 *
 * @returns milliseconds in [0, `longestPauseMs`]
 */
export function pauseAfter({ headers }: ForgeAnswer, clock: Clock): number | undefined {
  const pause = exhaustedFor(headers, sentAt(headers['date']) ?? clock.wall());
  return pause === undefined ? undefined : Math.min(pause, longestPauseMs);
}

/** GitHub writes `x-ratelimit-*`, GitLab `ratelimit-*`; both give the end in seconds since 1970. */
function exhaustedFor(headers: ForgeAnswer['headers'], now: number): number | undefined {
  for (const prefix of ['x-ratelimit-', 'ratelimit-']) {
    const reset = headers[`${prefix}reset`];
    if (headers[`${prefix}remaining`] !== '0' || reset === undefined) continue;
    // A second more: the moment is cut to whole seconds, and so is the date that it is counted from.
    if (/^\d{9,11}$/.test(reset)) return Math.max(0, Number(reset) * 1000 - now) + 1000;
  }
  return undefined;
}

/** A moment on the forge's clock, so that ours may be wrong. */
function sentAt(text: string | undefined): number | undefined {
  if (text === undefined || !/^[A-Z][a-z]{2}, .* GMT$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
