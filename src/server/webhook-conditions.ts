import type { Clock, Telemetry } from '../ports/index.ts';

/** What is wrong with a webhook, told once, however many calls say it. */
export interface Conditions {
  bad(name: string, condition: Bad): void;
  ready(name: string): void;
}

export interface Bad {
  readonly state: 'NoSecret' | 'Refusing';
  /** What, and what to do. */
  readonly message: string;
}

/** Somebody who calls with wrong signatures between the good calls of a forge fills no log. */
const quietMs = 600_000;

interface Told {
  readonly state: string;
  readonly at: number;
}

export function createConditions(ports: {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}): Conditions {
  const told = new Map<string, Told>();
  const emit = (name: string, state: string, message?: string): void => {
    const text = message === undefined ? {} : { message };
    ports.telemetry.emit({ kind: 'condition', about: 'webhook', name, state, ...text });
  };
  return {
    bad: (name, { state, message }) => {
      const last = told.get(name);
      const now = ports.clock.mono();
      if (last?.state === state) return;
      if (last?.state === 'Ready' && now - last.at < quietMs) return;
      told.set(name, { state, at: now });
      emit(name, state, message);
    },
    ready: (name) => {
      const last = told.get(name);
      if (last === undefined || last.state === 'Ready') return;
      told.set(name, { state: 'Ready', at: ports.clock.mono() });
      emit(name, 'Ready');
    },
  };
}
