import { scene, type Scene } from './scene.ts';
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

const made = new Map<State, Scene>();

/** The scene of a state, made once. */
export function sceneOf(state: State): Scene {
  const known = made.get(state) ?? scene(state.scene);
  made.set(state, known);
  return known;
}
