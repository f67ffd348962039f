import { conclude, runStages } from './stages.ts';

/* What needs more than Node, npm and Git: ssh, gpg, and tools that are built from Go modules. A missing one fails, clearly. */
conclude(await runStages([{ kind: 'tests', project: 'servers' }], 1));
