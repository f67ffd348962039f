import { expect, it } from 'vitest';

import { environments } from '../../../src/core/words/environments.ts';
import { isLive, isUnderWay, statuses, type Status } from '../../../src/core/words/statuses.ts';
import { lifecycleEvents, nextStatus, transitions } from '../../../src/emulator/world/lifecycle.ts';
import { player } from './players.ts';

const world = player().world();

/** Every way from status to status, in any environment and app. */
function ways(): Set<string> {
  const apps = [...world.apps.values()];
  const places = environments.flatMap((environment) => apps.map((app) => ({ environment, app })));
  const tries = statuses.flatMap((from) => lifecycleEvents.map((event) => ({ from, event })));
  const found = tries.flatMap(({ from, event }) =>
    places.flatMap((place) => {
      const to = nextStatus(world, event, { status: from, ...place });
      return to === undefined ? [] : [`${from} ${event} ${to}`];
    }),
  );
  return new Set(found);
}

it('knows these ways and no other', () => {
  expect([...ways()].toSorted()).toEqual([
    'FullRelease takeOffline Archived',
    'GrayscaleRelease cancel Canceled',
    'GrayscaleRelease goLive FullRelease',
    'GrayscaleRelease gray GrayscaleRelease',
    'NewVersionCreated apply FullRelease',
    'NewVersionCreated apply PilotTesting',
    'NewVersionCreated apply UnderReview',
    'PilotTesting cancel Canceled',
    'PilotTesting completePilot FullRelease',
    'PilotTesting completePilot GrayscaleRelease',
    'ReleasePreparation cancel Canceled',
    'ReleasePreparation goLive FullRelease',
    'ReleasePreparation gray GrayscaleRelease',
    'UnderReview approve FullRelease',
    'UnderReview approve PilotTesting',
    'UnderReview approve ReleasePreparation',
    'UnderReview reject NewVersionCreated',
    'UnderReview withdraw NewVersionCreated',
  ]);
});

it('agrees with the words of core: what is under way can still be ended by people, what is live was let out by them', () => {
  const from = (status: Status) => [...ways()].filter((way) => way.startsWith(`${status} `));
  const into = (status: Status) => [...ways()].filter((way) => way.endsWith(` ${status}`));

  for (const status of statuses) {
    const isFinal = status === 'Canceled' || status === 'Archived';
    expect(from(status).length > 0, `${status} has a way on`).toBe(!isFinal);
    if (isUnderWay(status)) expect(from(status).length).toBeGreaterThan(1);
    if (isLive(status)) expect(into(status).length).toBeGreaterThan(0);
  }
  expect(into('NewVersionCreated').map((way) => way.split(' ')[0])).toEqual([
    'UnderReview',
    'UnderReview',
  ]);
});

it('names a rule, or is inferred, for every row', () => {
  const inferred = transitions.filter(({ rule, forbiddenBy }) => !rule && !forbiddenBy);

  expect(inferred.map(({ from, event }) => `${from} ${event}`)).toEqual([
    'NewVersionCreated apply',
    'UnderReview approve',
    'PilotTesting completePilot',
    'FullRelease takeOffline',
  ]);
});
