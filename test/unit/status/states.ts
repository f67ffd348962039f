import type { State } from './state.ts';
import { blockedStates } from './states-blocked.ts';
import { failingStates } from './states-failing.ts';
import { readyStates } from './states-ready.ts';
import { waitingStates } from './states-waiting.ts';

/** Every way a MiniProgramRelease can stand, the best first. */
export const states: readonly State[] = [
  ...readyStates,
  ...waitingStates,
  ...blockedStates,
  ...failingStates,
];
