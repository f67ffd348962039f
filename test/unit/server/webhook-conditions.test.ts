import { describe, expect, it } from 'vitest';

import type { TelemetryEvent } from '../../../src/ports/index.ts';
import { createConditions } from '../../../src/server/webhook-conditions.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const minute = 60_000;

function scene() {
  const clock = createVirtualClock();
  const told: string[] = [];
  const emit = (event: TelemetryEvent): void => {
    told.push(event.kind === 'condition' ? `${event.name} ${event.state}` : event.kind);
  };
  return { clock, told, conditions: createConditions({ clock, telemetry: { emit } }) };
}

const refusing = { state: 'Refusing', message: 'wrong' } as const;

describe('what is told of a webhook', () => {
  it('is told once, however many calls are refused', () => {
    const { conditions, told } = scene();

    for (let call = 0; call < 1000; call += 1) conditions.bad('a', refusing);

    expect(told).toEqual(['a Refusing']);
  });

  it('is nothing while all calls are good', () => {
    const { conditions, told } = scene();

    conditions.ready('a');

    expect(told).toEqual([]);
  });

  it('is another thing when it becomes one, and its end', () => {
    const { conditions, told } = scene();

    conditions.bad('a', refusing);
    conditions.bad('a', { state: 'NoSecret', message: 'gone' });
    conditions.ready('a');
    conditions.bad('b', refusing);

    expect(told).toEqual(['a Refusing', 'a NoSecret', 'a Ready', 'b Refusing']);
  });

  it('stays quiet for ten minutes when bad calls come between good ones', async () => {
    const { clock, conditions, told } = scene();

    for (let passed = 0; passed < 20 * minute; passed += minute / 2) {
      conditions.bad('a', refusing);
      conditions.ready('a');
      await clock.advance(minute / 2);
    }

    expect(told).toEqual(['a Refusing', 'a Ready', 'a Refusing', 'a Ready']);
  });
});
