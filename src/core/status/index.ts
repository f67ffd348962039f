export {
  approvalsOf,
  approveAnnotation,
  reconcileAnnotation,
  requestedAt,
  usedApprovals,
} from './annotations.ts';
export { basesOf } from './bases.ts';
export { statusBefore, type StatusBefore } from './before.ts';
export { eventsOf, type StatusEvent } from './events.ts';
export { miniProgramStatus, type MiniProgramInput } from './mini-program-status.ts';
export { objectPath, placeText } from './places.ts';
export { recordFacts } from './records.ts';
export { conditionReasons, type ConditionReason, type ReasonRow } from './reasons.ts';
export { releaseStatus } from './release-status.ts';
export {
  programReport,
  type PassResult,
  type ProgramReport,
  type RecordFacts,
  type ReportInput,
} from './report.ts';
export { sameStatus } from './same.ts';
export {
  configProfileStatus,
  gitSourceStatus,
  platformConnectionStatus,
  type ConfigProfileInput,
  type GitSourceInput,
  type PlatformConnectionInput,
} from './settings-status.ts';
export { noApprovals, type StatusInput, type StatusObject } from './subject.ts';
