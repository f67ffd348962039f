import type { CommandSpec } from '../command.ts';
import { ciCommands } from './specs-ci.ts';
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
  ...ciCommands,
  ...platformCommands,
  ...controllerCommands,
  ...orderCommands,
  ...toolCommands,
];
