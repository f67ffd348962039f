import type { CommandSpec } from '../command.ts';
import { controllerCommands } from './specs-controller.ts';
import { declarationCommands } from './specs-declarations.ts';
import { orderCommands } from './specs-orders.ts';
import { reviewCommands } from './specs-review.ts';
import { platformCommands } from './specs-platform.ts';
import { toolCommands } from './specs-tools.ts';

/** Every command, in the order of the help. */
export const commands: readonly CommandSpec[] = [
  ...declarationCommands,
  ...reviewCommands,
  ...platformCommands,
  ...controllerCommands,
  ...orderCommands,
  ...toolCommands,
];
