import type { DesiredProgram } from '../core/model/desired.ts';
import { programId } from '../core/words/keys.ts';
import type { Clearance } from '../ports/index.ts';
import { standingOf, type LoopState } from './state.ts';

/**
 * Asks anew before each write: a suspension stops it, an approval that ended meanwhile, and a commit that wants the
 * program otherwise than it was planned.
 *
 * @param planned  what was wanted when it was planned
 */
export function clearanceOf(state: LoopState, planned: Wanted): Clearance {
  return async ({ program, ids }) => {
    const wish = state.programs.get(programId(program))?.wish;
    if (!wish || wish.rests !== undefined || !isSame(wish.desired, planned))
      return 'a newer commit wants it otherwise';
    state.orders = await state.ports.orders.read();
    const { everything, programs, approved } = standingOf(state);
    const suspension = everything ?? programs.get(programId(program));
    if (suspension) return `suspended by ${suspension.by}: ${suspension.reason}`;
    const ended = ids.find((id) => state.released.has(id) && !approved.has(id));
    return ended === undefined ? undefined : `the approval ${ended} is over`;
  };
}

type Wanted = Pick<DesiredProgram, 'digest' | 'connection'>;

function isSame(now: Wanted, planned: Wanted): boolean {
  return now.digest === planned.digest && now.connection === planned.connection;
}
