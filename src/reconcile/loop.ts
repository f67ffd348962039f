import { createBaseline } from './batch.ts';
import { createCrew } from './crew.ts';
import { follow } from './follow.ts';
import { followObjects, followShards } from './objects.ts';
import { heedOnce, heedOrders } from './orders.ts';
import { followOthers, newsOfOurs } from './others.ts';
import type { LoopPorts, LoopSettings } from './ports.ts';
import { watchSecrets } from './rotation.ts';
import { createStaff } from './staff.ts';
import { createState } from './state.ts';
import { sweepAlways } from './sweep.ts';

export type { Declared, DocumentChange } from './declared.ts';
export type {
  FollowedNow,
  Holder,
  LoopConnection,
  LoopPorts,
  LoopSettings,
  ObjectApprovals,
  ObjectFeed,
  ObjectNews,
  ObjectReports,
  OwnShards,
  ShareNews,
  PassReport,
  Told,
} from './ports.ts';

/**
 * Keeps platforms equal to what sources declare until the signal is aborted: follows the sources, sweeps the platforms,
 * and works on programs, each by itself. Calls under way when the signal is aborted are finished, none is started.
 *
 * State in, state out: whatever is lost at its end is read again at the next start.
 *
 * @throws only for bugs outside of any program, source and connection
 */
export async function runLoop(
  ports: LoopPorts,
  settings: LoopSettings,
  signal: AbortSignal,
): Promise<void> {
  const state = createState(ports, settings);
  state.baseline = createBaseline(await ports.completed.read());
  await heedOnce(state);
  await ports.orders.compact();
  const crew = createCrew(signal);
  ports.reports?.begin(state.declared);
  for (const entry of state.sources.values())
    crew.hire((over) => follow(state, entry, over), entry.over.signal);
  for (const connection of state.connections.values())
    crew.hire((over) => sweepAlways(state, connection, over));
  const staff = createStaff(state, crew);
  staff.fit();
  crew.hire((over) => heedOrders(state, over));
  crew.hire((over) => watchSecrets(state, over));
  const { objects: feed, shards } = ports;
  if (feed) crew.hire((over) => followObjects(state, { feed, crew }, over));
  if (shards) {
    shards.speak(() => newsOfOurs(state));
    crew.hire((over) => followShards(state, { shards, staff }, over));
    crew.hire((over) => followOthers(state, shards, over));
  }
  await crew.ended();
}
