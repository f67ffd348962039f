import { standing } from '../core/model/orders.ts';
import { programId } from '../core/words/keys.ts';
import type { Clearance } from '../ports/index.ts';
import type { LoopState } from './state.ts';

/** Asks people's orders anew before each write: a suspension stops it, and so does an approval that ended meanwhile. */
export function clearanceOf(state: LoopState): Clearance {
  return async ({ program, ids }) => {
    state.orders = await state.ports.orders.read();
    const { everything, programs, approved } = standing(state.orders, state.ports.clock.wall());
    const suspension = everything ?? programs.get(programId(program));
    if (suspension) return `suspended by ${suspension.by}: ${suspension.reason}`;
    const ended = ids.find((id) => state.released.has(id) && !approved.has(id));
    return ended === undefined ? undefined : `the approval ${ended} is over`;
  };
}
