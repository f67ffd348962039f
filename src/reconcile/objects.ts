import type { DocumentId } from '../core/words/places.ts';
import { releaseId } from '../core/words/keys.ts';
import { countBatches } from './batch.ts';
import type { Crew } from './crew.ts';
import { follow } from './follow.ts';
import type { FollowedNow, ObjectFeed, ObjectNews, OwnShards } from './ports.ts';
import type { Staff } from './staff.ts';
import { sourceEntry, type LoopState } from './state.ts';
import { resolveWhenTried, takeUpShards } from './take-up.ts';

/** Takes up what changes in a cluster for ever. */
export async function followObjects(
  state: LoopState,
  { feed, crew }: { readonly feed: ObjectFeed; readonly crew: Crew },
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const news = await feed.news(signal);
    signal.throwIfAborted();
    await takeNews(state, news, crew);
  }
}

/** Takes up and gives up programs for ever, as shares of them are won and lost. */
export async function followShards(
  state: LoopState,
  { shards, staff }: { readonly shards: OwnShards; readonly staff: Staff },
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await shards.changed(signal);
    signal.throwIfAborted();
    staff.fit();
    if (state.isComplete) await takeUpShards(state);
  }
}

async function takeNews(state: LoopState, news: ObjectNews, crew: Crew): Promise<void> {
  const { declared } = state;
  const { documents, retrusted, followed, unfollowed, wake } = news;
  if (retrusted) declared.retrust(retrusted.trust, retrusted.sources);
  declared.change(documents);
  for (const name of unfollowed) unfollow(state, name);
  for (const each of followed) startFollowing(state, each, crew);
  const isFirst = !state.isComplete;
  state.isComplete = true;
  await resolveWhenTried(state);
  // Shares that were won before anything was known of what they hold.
  if (isFirst) await takeUpShards(state);
  if (unfollowed.length > 0) countBatches(state);
  for (const document of wake) wakeNow(state, document);
}

/** A repository that nobody names any more declares nothing; what it brought about stays on the platform. */
function unfollow({ sources, declared }: LoopState, name: string): void {
  sources.get(name)?.over.abort();
  sources.delete(name);
  declared.replace(name, undefined);
}

/** What a source of the same name declared stays in force until the new one was read. */
function startFollowing(
  state: LoopState,
  { source, look, credentialExpiresAt }: FollowedNow,
  crew: Crew,
): void {
  const before = state.sources.get(source.name);
  before?.over.abort();
  const now = state.ports.clock.wall();
  const entry = sourceEntry(source, { now, look, isAwaited: false, credentialExpiresAt });
  if (before) {
    entry.documents = before.documents;
    entry.changedBy = before.changedBy;
    entry.base = before.base;
    for (const program of before.open) entry.open.add(program);
  }
  state.sources.set(source.name, entry);
  crew.hire((signal) => follow(state, entry, signal), entry.over.signal);
}

/** Who asks again sooner waits so long: each answer costs calls that others need, and forgets that the last one failed. */
const answerMs = 10_000;

/** Somebody wants to know how it stands: all of it is read anew. */
function wakeNow(state: LoopState, document: DocumentId): void {
  const now = state.ports.clock.mono();
  for (const id of state.declared.programsOf(document)) {
    const entry = state.programs.get(id);
    if (!entry) continue;
    entry.isOpen = true;
    entry.isFresh = false;
    for (const { key } of entry.wish.desired.releases) entry.touched.add(releaseId(key));
    const queue = state.connections.get(entry.wish.desired.connection)?.queue;
    const restMs = entry.answeredMs + answerMs - now;
    if (restMs > 0) queue?.addAfter(id, 'hot', restMs);
    else {
      entry.answeredMs = now;
      queue?.add(id, 'hot');
    }
  }
}
