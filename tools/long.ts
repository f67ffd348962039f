import { conclude, runStages } from './stages.ts';

/*
 * What takes longer than `npm test` may: controllers in every kind of trouble, floods and huge repositories, many more random seeds of the fault simulations (FAIRLEAD_SEEDS per platform, and three
 * times as many of whole controllers, with every pair of faults and every guard deleted), and
 * 200 kills of the platform under load.
 */
conclude(
  await runStages(
    [
      { kind: 'tests', project: 'endurance' },
      { kind: 'tests', project: 'simulation' },
      { kind: 'command', name: 'chaos', command: ['node', 'test/chaos/run.ts'] },
    ],
    1,
  ),
);
