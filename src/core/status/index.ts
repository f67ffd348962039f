export { approvalsOf, approveAnnotation, reconcileAnnotation } from './annotations.ts';
export { basesOf } from './bases.ts';
export { statusBefore } from './before.ts';
export { eventsOf } from './events.ts';
export { miniProgramStatus } from './mini-program-status.ts';
export { recordFacts } from './records.ts';
export { releaseStatus } from './release-status.ts';
export { programReport, type PassResult, type ProgramReport } from './report.ts';
export { sameStatus } from './same.ts';
export {
  configProfileStatus,
  gitSourceStatus,
  platformConnectionStatus,
} from './settings-status.ts';
export type { StatusInput } from './subject.ts';
