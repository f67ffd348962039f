import { fingerprintIndex, type SecretVerdict } from '../core/model/observed.ts';
import { canonicalJson } from '../core/words/digests.ts';
import { ReconcileError } from '../core/words/errors.ts';
import type { Clock, SecretStore, WantedSecret } from '../ports/index.ts';
import { fingerprintsOf, type ConnectionKeys } from './map.ts';

export interface CacheOptions {
  readonly clock: Clock;
  /** A secret is read once in each span of this length. */
  readonly intervalMs: number;
}

export interface CachedSecrets extends SecretStore {
  /**
   * Reads again what was not read in this interval yet.
   *
   * @returns those that are other ones, gone or back since the last refresh, whoever noticed it
   * @throws  the signal's reason; what the store refuses becomes the verdict of what was asked
   */
  refresh(signal: AbortSignal): Promise<readonly WantedSecret[]>;
}

/** What is known of one secret under one connection's keys. */
interface Entry {
  readonly wanted: WantedSecret;
  readonly verdict: SecretVerdict;
  /** Number of the interval in which it was read. */
  readonly interval: number;
  /** Number of the interval in which somebody asked last. */
  readonly asked: number;
}

interface Known {
  keys: ConnectionKeys;
  hasKeys: boolean;
  readonly entries: Map<string, Entry>;
  /** The read under way, after which there is something to find. */
  reading: Promise<unknown> | undefined;
}

/** Names that nobody can use are forgotten after so many intervals in which nobody asked: declarations invent them. */
const forgottenAfter = 60;

/**
 * A store whose fingerprints are read at most once per interval, however many programs ask, also at the same time.
 *
 * `open` always reads. Where it finds another value than the fingerprint says, the fingerprint is corrected: a plan made
 * afterwards sees the value that would be written.
 */
export function cachedSecrets(store: SecretStore, options: CacheOptions): CachedSecrets {
  const connections = new Map<string, Known>();
  const changed = new Map<string, WantedSecret>();
  const now = (): number => Math.floor(options.clock.mono() / options.intervalMs);

  const noteVerdict = (known: Known, wanted: WantedSecret, verdict: SecretVerdict): void => {
    const index = indexOf(wanted);
    const before = known.entries.get(index);
    if (before && !isSame(before.verdict, verdict)) changed.set(index, wanted);
    const asked = before?.asked ?? now();
    known.entries.set(index, { wanted, verdict, interval: now(), asked });
  };

  /** What the store refuses as a whole is refused for each: it is asked again in the next interval. */
  const read = async (
    connection: string,
    known: Known,
    wanted: readonly WantedSecret[],
    signal: AbortSignal,
  ): Promise<void> => {
    try {
      const { secrets, ...keys } = await store.fingerprints(connection, wanted, signal);
      known.keys = keys;
      known.hasKeys = true;
      for (const each of wanted)
        noteVerdict(known, each, secrets[indexOf(each)] ?? { state: 'unverified' });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ReconcileError)) throw error;
      const { message } = error;
      for (const each of wanted) noteVerdict(known, each, { state: 'unavailable', message });
    }
  };

  /** One read of a connection at a time: whoever comes meanwhile finds its result, or reads what is still missing. */
  const readMissing = async (
    connection: string,
    wanted: (known: Known) => readonly WantedSecret[],
    signal: AbortSignal,
  ): Promise<Known> => {
    const known = connections.get(connection) ?? freshlyKnown();
    connections.set(connection, known);
    for (;;) {
      signal.throwIfAborted();
      if (known.reading) {
        await known.reading;
        continue;
      }
      const missing = wanted(known);
      // The keys come with the first answer, also to somebody who wants no secret.
      if (missing.length === 0 && known.hasKeys) return known;
      const reading = read(connection, known, missing, signal);
      // Others wait for the end of it alone: it may end by the signal of the one who began.
      known.reading = settled(reading).then(() => (known.reading = undefined));
      await reading;
      return known;
    }
  };

  const correct = (
    wanted: WantedSecret,
    verdictOf: (keys: ConnectionKeys) => SecretVerdict,
  ): void => {
    for (const known of connections.values())
      if (known.entries.has(indexOf(wanted))) noteVerdict(known, wanted, verdictOf(known.keys));
  };

  return {
    async fingerprints(connection, wanted, signal) {
      const isMissing = (known: Known) => (each: WantedSecret) =>
        known.entries.get(indexOf(each))?.interval !== now();
      const known = await readMissing(
        connection,
        (found) => wanted.filter(isMissing(found)),
        signal,
      );
      const found = wanted.flatMap((each): (readonly [string, Entry])[] => {
        const entry = known.entries.get(indexOf(each));
        return entry ? [[indexOf(each), { ...entry, asked: now() }]] : [];
      });
      for (const [index, entry] of found) known.entries.set(index, entry);
      const secrets = Object.fromEntries(found.map(([index, { verdict }]) => [index, verdict]));
      return { ...known.keys, secrets };
    },

    async open(source, ref, signal) {
      const wanted = { source, ref };
      try {
        const secret = await store.open(source, ref, signal);
        correct(wanted, (keys) => ({ state: 'known', fingerprints: fingerprintsOf(secret, keys) }));
        return secret;
      } catch (error) {
        if (error instanceof ReconcileError) {
          const { message } = error;
          correct(wanted, () => ({ state: 'unavailable', message }));
        }
        throw error;
      }
    },

    async refresh(signal) {
      for (const [connection, known] of connections) {
        forget(known, now());
        await readMissing(connection, ({ entries }) => dueOf(entries, now()), signal);
      }
      const noticed = [...changed.values()];
      changed.clear();
      return noticed;
    },
  };
}

function indexOf({ source, ref }: WantedSecret): string {
  return fingerprintIndex(source, ref);
}

function freshlyKnown(): Known {
  return { keys: { previous: [] }, hasKeys: false, entries: new Map(), reading: undefined };
}

async function settled(promise: Promise<unknown>): Promise<void> {
  await promise.catch(() => undefined);
}

function dueOf(entries: ReadonlyMap<string, Entry>, now: number): readonly WantedSecret[] {
  return [...entries.values()].flatMap(({ wanted, interval }) =>
    interval === now ? [] : [wanted],
  );
}

function forget({ entries }: Known, now: number): void {
  for (const [index, { verdict, asked }] of entries)
    if (verdict.state !== 'known' && now - asked > forgottenAfter) entries.delete(index);
}

/** Another reason for the same refusal is no news. */
function isSame(before: SecretVerdict, after: SecretVerdict): boolean {
  if (before.state === 'known' && after.state === 'known')
    return canonicalJson(before.fingerprints) === canonicalJson(after.fingerprints);
  return before.state === after.state;
}
