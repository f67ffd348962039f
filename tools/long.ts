import { conclude, runStages } from './stages.ts';

/*
 * What takes longer than `npm test` may: many more random seeds of the fault simulation (FAIRLEAD_SEEDS per platform), and
 * 200 kills of the platform under load.
 */
conclude(
  await runStages(
    [
      { kind: 'tests', project: 'simulation' },
      { kind: 'command', name: 'chaos', command: ['node', 'test/chaos/run.ts'] },
    ],
    1,
  ),
);
