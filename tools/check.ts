import { checkStages } from './check-stages.ts';
import { conclude, runStages } from './stages.ts';

conclude(await runStages(checkStages, 2));
