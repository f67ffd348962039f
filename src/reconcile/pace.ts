/** When the next call may be sent, after the ones that were. Moments are milliseconds of a monotonic clock. */
export interface Pace {
  nextAt(): number;
  sent(atMs: number): void;
}

/**
 * Of each second this share is used, so that two calls that the network brings closer together do not make one too many
 * in the platform's count.
 */
const useShare = 0.985;

/** A call that was sent later than it could have been does not delay the next ones, up to this. */
const latenessMs = 250;

/** Most calls that are remembered: what a second holds at the highest rate that settings allow. */
const ringSize = 1024;

/**
 * Calls evenly spaced, and never more than `rate` of them in one second; of a broken rate, the next whole number.
 *
 * Spacing alone would lose what timers and a busy process come late; catching up alone could bring one call too many
 * into a second. So calls keep to a grid, and each also keeps a second's distance to the one `rate` calls before it, rounded up.
 *
 * @param rate  calls per second at the moment, more than 0
 */
export function createPace(rate: () => number): Pace {
  const recent: number[] = [];
  let count = 0;
  /** Where on the grid the last call was. */
  let slotAt = -Infinity;

  function gapMs(): number {
    return 1000 / (rate() * useShare);
  }

  return {
    nextAt() {
      // Of 3.9 a second, four in four gaps: three in three would let a late one make it five.
      const back = Math.min(Math.ceil(rate()), ringSize);
      const before = count < back ? undefined : recent[(count - back) % ringSize];
      return Math.max(slotAt + gapMs(), before === undefined ? -Infinity : before + back * gapMs());
    },
    sent(atMs) {
      const slot = slotAt + gapMs();
      slotAt = atMs - slot <= latenessMs ? slot : atMs;
      recent[count % ringSize] = atMs;
      count += 1;
    },
  };
}
