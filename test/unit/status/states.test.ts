import { describe, expect, it } from 'vitest';

import { conditionReasons } from '../../../src/core/status/reasons.ts';
import { actions, heldReasons, reasons } from '../../../src/core/words/reasons.ts';
import { releaseIn } from './scene.ts';
import type { State } from './state.ts';
import { sceneOf, states } from './states.ts';

function statusOf(state: State) {
  return releaseIn(sceneOf(state), state.asked);
}

/** `False VersionNotUploaded 0/1 waiting 1`. */
function standsAs(status: ReturnType<typeof statusOf>): string {
  const [ready] = status.conditions ?? [];
  const { waiting = 0, blocked = 0, held = 0, failed = 0 } = status.counts ?? {};
  const counts = Object.entries({ waiting, blocked, held, failed }).flatMap(([name, count]) =>
    count === 0 ? [] : [`${name} ${count}`],
  );
  return [ready?.status, ready?.reason, status.progress, ...counts].join(' ');
}

describe('a release says how it stands', () => {
  it.each(states)('$name', (state) => {
    const status = statusOf(state);

    expect(standsAs(status), state.why).toBe(state.stands);
  });

  it.each(states)('$name: what stands beside Ready is what kstatus needs', (state) => {
    const beside = { Current: [], InProgress: ['Reconciling'], Failed: ['Stalled'] }[state.verdict];

    const { conditions = [] } = statusOf(state);

    expect(conditions.map(({ type }) => type)).toEqual(['Ready', ...beside]);
    expect(new Set(conditions.slice(1).map(({ status }) => status))).toEqual(
      new Set(beside.map(() => 'True')),
    );
  });
});

describe('the states', () => {
  it('are all there are: every action, every reason that a release can meet', () => {
    const entries = states.flatMap((state) => statusOf(state).targets ?? []);
    const seen = new Set(entries.flatMap(({ action, reason }) => [action, reason]));

    const missing = [...actions, ...heldReasons, ...reasons].filter((word) => !seen.has(word));

    // PlatformMismatch forbids the whole connection, VariablesLimit and Superseded lock fields: told.test.ts.
    expect(missing).toEqual(['VariablesLimit', 'Superseded', 'PlatformMismatch']);
  });

  it('have reasons of the one table', () => {
    const said = states.flatMap((state) =>
      (statusOf(state).conditions ?? []).map((one) => one.reason),
    );

    expect(said.filter((reason) => !Object.hasOwn(conditionReasons, reason))).toEqual([]);
  });
});
