import type { Crew } from './crew.ts';
import type { ConnectionEntry, LoopState } from './state.ts';
import { work } from './work.ts';

/** Who works on programs, of every connection. */
export interface Staff {
  /**
   * As many teams from now on as shares of the programs are held, and one where none is: what shares move does not depend
   * on how processes divide them. Who is too many ends the turn that is under way.
   */
  fit(): void;
}

export function createStaff(state: LoopState, crew: Crew): Staff {
  const teams: AbortController[] = [];
  return {
    fit() {
      const wanted = Math.max(1, state.ports.shards?.count() ?? 1);
      while (teams.length < wanted) {
        const leave = new AbortController();
        teams.push(leave);
        for (const connection of state.connections.values())
          hire(state, { crew, connection, leave: leave.signal });
      }
      for (const team of teams.splice(wanted)) team.abort(new Error('fewer are needed'));
    },
  };
}

interface Hiring {
  readonly crew: Crew;
  readonly connection: ConnectionEntry;
  readonly leave: AbortSignal;
}

/** Of the workers of a team this part is kept for owners of whose programs none is under way. */
const spareShare = 1 / 4;

function hire(state: LoopState, { crew, ...at }: Hiring): void {
  const { workers } = state.settings;
  for (const _ of Array.from({ length: workers })) {
    crew.hire((over) => work(state, at, over));
    // While a sweep's programs keep all others busy, a commit must not wait for one of them to be done.
    crew.hire((over) => work(state, { ...at, choice: { only: 'hot' } }, over));
  }
  // While one's changes keep all others busy, another's must not either.
  for (const _ of Array.from({ length: Math.ceil(workers * spareShare) }))
    crew.hire((over) => work(state, { ...at, choice: { only: 'hot', isSpare: true } }, over));
}
