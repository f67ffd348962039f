import { buildServerTools } from '../test/support/server-tools.ts';
import { conclude, runStages } from './stages.ts';

/* What needs more than Node, npm and Git: ssh, gpg, and tools that are built from Go modules. A missing one fails, clearly. */
await buildServerTools(console.log).catch((error: unknown) => {
  // Each test that needs it will say so again, and fail.
  console.log(error instanceof Error ? error.message : String(error));
});
conclude(await runStages([{ kind: 'tests', project: 'servers' }], 1));
