/** Actors that work until all are told to stop; more may join while others are at work. */
export interface Crew {
  /**
   * Ends all when it fails.
   *
   * @param own  ends this actor alone, which is no failure
   */
  hire(actor: (signal: AbortSignal) => Promise<void>, own?: AbortSignal): void;
  /** Resolves when every actor has ended. @throws what the first bug threw */
  ended(): Promise<void>;
}

export function createCrew(signal: AbortSignal): Crew {
  const broken = new AbortController();
  const over = AbortSignal.any([signal, broken.signal]);
  const atWork = new Set<Promise<void>>();
  let bug: { readonly error: unknown } | undefined;

  async function employ(
    actor: (signal: AbortSignal) => Promise<void>,
    own: AbortSignal | undefined,
  ): Promise<void> {
    const until = own ? AbortSignal.any([over, own]) : over;
    try {
      await actor(until);
    } catch (error) {
      if (until.aborted) return;
      bug ??= { error };
      broken.abort(error);
    }
  }

  return {
    hire(actor, own) {
      const work = employ(actor, own).finally(() => atWork.delete(work));
      atWork.add(work);
    },
    async ended() {
      while (atWork.size > 0) await Promise.all(atWork);
      if (bug) throw bug.error;
    },
  };
}
