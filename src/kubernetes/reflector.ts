import { ReconcileError } from '../core/words/errors.ts';
import type { CacheHealth } from '../ports/cluster.ts';
import type { Clock, Random } from '../ports/index.ts';
import type { Api } from './api.ts';
import { backOffMs, type BackOffSettings } from './backoff.ts';
import { asError, type Linked, linked, untilAborted } from './deadline.ts';
import { isGone, type Kept, keep, wantedBy } from './kept.ts';
import { pagesOf } from './list.ts';
import { isOlder } from './resource-version.ts';
import type { Resource } from './resources.ts';
import type { Scope, Store } from './store.ts';
import { watchOnce } from './watch.ts';

/** Times in milliseconds. */
export interface ReflectorSettings {
  readonly pageSize: number;
  /** Without an event or bookmark for so long, a watch is dead. The API server sends a bookmark a minute. */
  readonly silenceMs: number;
  /** A watch lives between one and two times this. */
  readonly watchMs: number;
  /** Everything is listed again after one to one and a half times this: what a watch missed is found. */
  readonly resyncMs: number;
  readonly backOff: BackOffSettings;
  /** Lists that are older than what is held are refused for so long; then the storage was put back to its past. */
  readonly pastMs: number;
}

export const reflectorDefaults: ReflectorSettings = {
  pageSize: 500,
  silenceMs: 70_000,
  watchMs: 300_000,
  resyncMs: 900_000,
  backOff: { firstMs: 500, longestMs: 30_000 },
  pastMs: 300_000,
};

export interface ReflectorPorts {
  readonly api: Api;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Followed {
  readonly resource: Resource;
  /** A namespace, or `''` for everything. */
  readonly scope: Scope;
  readonly store: Store;
  /** For objects of which only metadata is wanted. */
  readonly accept?: string;
}

type Came = 'nowhere' | 'opened' | 'heard';

export interface Reflector {
  /** Follows until the signal is aborted; never rejects. Whatever goes wrong is shown by `health` and tried again. */
  run(signal: AbortSignal): Promise<void>;
  health(): CacheHealth;
  /** Somebody knows of a change that should have been seen by now: list again. */
  doubt(): void;
}

export function createReflector(
  followed: Followed,
  ports: ReflectorPorts,
  settings: ReflectorSettings,
): Reflector {
  const { store, scope, resource, accept } = followed;
  const { api, clock, random } = ports;
  const namespace = scope === '' ? undefined : scope;
  const common = { api, resource, namespace, ...(accept === undefined ? {} : { accept }) };
  const wanted = wantedBy(followed);
  let heardAt = clock.mono();
  let trouble: CacheHealth['trouble'];
  let isListDue = true;
  let listDueAt = 0;
  let listedAt = 0;
  let pastSince: number | undefined;
  let interrupt: Linked | undefined;
  /** How far the watch of this turn came. */
  let came: Came = 'nowhere';

  const heard = (): void => {
    heardAt = clock.mono();
  };

  /** Refuses a list of a moment before what was seen, unless that is all the server has for long. */
  function judgePast(version: string): void {
    const held = store.version(scope);
    if (held === undefined || !isOlder(version, held)) {
      pastSince = undefined;
      return;
    }
    pastSince ??= clock.mono();
    if (clock.mono() - pastSince >= settings.pastMs) return;
    throw new ReconcileError('ClusterUnavailable', 'the API server listed its own past', {
      nextStep:
        'see whether its storage was restored from a backup: the list is believed after a while',
    });
  }

  function present(raw: unknown): readonly Kept[] {
    const kept = keep(raw, wanted);
    return kept === undefined || isGone(kept, wanted) ? [] : [kept];
  }

  async function listOnce(signal: AbortSignal): Promise<void> {
    let taker: ReturnType<Store['beginList']> | undefined;
    let version = '';
    for await (const page of pagesOf({ ...common, pageSize: settings.pageSize }, signal)) {
      if (taker === undefined) judgePast(page.version);
      taker ??= store.beginList(scope);
      version = page.version;
      heard();
      taker.page(page.items.flatMap(present));
    }
    taker?.end(version);
    pastSince = undefined;
    trouble = undefined;
    isListDue = false;
    listedAt = clock.mono();
    listDueAt = clock.mono() + settings.resyncMs * (1 + random.next() / 2);
  }

  async function watchFor(version: string, signal: AbortSignal): Promise<void> {
    const life = settings.watchMs * (1 + random.next());
    const own = linked(signal);
    interrupt = own;
    const lifeMs = Math.max(1000, Math.min(life, listDueAt - clock.mono()));
    const how = await watchOnce(
      { ...common, clock, version, lifeMs, silenceMs: settings.silenceMs },
      {
        opened() {
          trouble = undefined;
          came = 'opened';
          heard();
        },
        heard() {
          came = 'heard';
          heard();
        },
        changed: (kept) => store.changed(scope, kept),
        deleted: (kept) => store.deleted(scope, kept),
        passed: (seen) => {
          store.passed(scope, seen);
        },
      },
      own.signal,
    ).finally(own.release);
    if (how === 'Expired') isListDue = true;
  }

  /** One list, if it is due, and one watch. */
  async function turn(signal: AbortSignal): Promise<void> {
    if (isListDue || clock.mono() >= listDueAt) await listOnce(signal);
    const version = store.version(scope);
    if (version !== undefined) await watchFor(version, signal);
  }

  /** What went wrong, as an error of the world; a bug of ours must not end the following either. */
  function failureIn(thrown: unknown): ReconcileError {
    const error = asError(thrown);
    if (error instanceof ReconcileError) return error;
    return new ReconcileError('InternalError', 'following objects failed', { cause: error });
  }

  function wait(failure: ReconcileError | undefined, attempt: number, signal: AbortSignal) {
    const ms = Math.max(backOffMs(attempt, settings.backOff, random), failure?.retryAfterMs ?? 0);
    return clock.sleep(ms, signal);
  }

  /**
   * Whoever was away may come back with a storage that was put back: a watch goes on there as if nothing had been, if
   * only its version is reached again.
   */
  function listSoon(): void {
    const soonest = listedAt + settings.resyncMs / 3;
    listDueAt = Math.min(listDueAt, Math.max(soonest, clock.mono() + soonMs * random.next()));
  }

  async function follow(signal: AbortSignal): Promise<void> {
    let attempt = 0;
    while (!signal.aborted) {
      const { failure, came } = await turnWhole(signal);
      if (signal.aborted) return;
      // A watch that breaks after it was open is everyday life.
      const isTrouble = came === 'nowhere' || failure?.code === 'InternalError';
      if (failure !== undefined && isTrouble) trouble = troubleOf(failure);
      attempt = came === 'heard' ? 0 : attempt + 1;
      // A server that ends every watch at once, or knows no version it just gave, is not asked in a hot loop.
      if (failure !== undefined || came !== 'heard') await wait(failure, attempt, signal);
    }
  }

  async function turnWhole(
    signal: AbortSignal,
  ): Promise<{ readonly failure: ReconcileError | undefined; readonly came: Came }> {
    came = 'nowhere';
    const failure = await turn(signal).then(
      () => undefined,
      (thrown: unknown) => (thrown === doubted ? undefined : failureIn(thrown)),
    );
    if (failure !== undefined) listSoon();
    return { failure, came };
  }

  return {
    async run(signal) {
      await untilAborted(follow(signal), signal).catch(() => undefined);
    },
    health() {
      const state =
        trouble !== undefined
          ? 'Failing'
          : store.version(scope) === undefined
            ? 'Starting'
            : 'Following';
      return { state, heardAt, ...(trouble === undefined ? {} : { trouble }) };
    },
    doubt() {
      isListDue = true;
      interrupt?.abort(doubted);
    },
  };
}

/** Whom one API server leaves, it leaves together: they do not all list at once. */
const soonMs = 10_000;

const doubted = new ReconcileError('ListExpired', 'a watch is doubted');

function troubleOf({ code, message, nextStep }: ReconcileError): CacheHealth['trouble'] {
  return { code, message, ...(nextStep === undefined ? {} : { nextStep }) };
}
