import { checkStages } from './check-stages.ts';
import { conclude, runStages, type Stage } from './stages.ts';
import { addTallies } from './tally.ts';

/** Alone, one after the other: each has two workers of its own, and some measure time. */
const suites: readonly Stage[] = [
  { kind: 'tests', project: 'contract' },
  { kind: 'tests', project: 'simulation' },
  { kind: 'tests', project: 'integration' },
];

conclude(addTallies([await runStages(checkStages, 2), await runStages(suites, 1)]));
