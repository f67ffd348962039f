/** Delivery ids that were seen. */
export interface Deliveries {
  /** Whether the id is new at this moment; from now on it is not. */
  isNew(id: string, now: number): boolean;
}

export interface DeliveryLimits {
  readonly maxIds: number;
  /** Milliseconds that an id is remembered. */
  readonly keptMs: number;
}

/** Remembers the newest ids, each for a while. Times are monotonic milliseconds. */
export function createDeliveries({ maxIds, keptMs }: DeliveryLimits): Deliveries {
  /** In the order in which they came: the oldest first. */
  const seenAt = new Map<string, number>();
  const forget = (now: number): void => {
    for (const [id, at] of seenAt) {
      if (seenAt.size <= maxIds && now - at < keptMs) return;
      seenAt.delete(id);
    }
  };
  return {
    isNew: (id, now) => {
      const at = seenAt.get(id);
      if (at !== undefined && now - at < keptMs) return false;
      seenAt.delete(id);
      seenAt.set(id, now);
      forget(now);
      return true;
    },
  };
}
