/** Why a release or a field cannot be written. Readers accept words they do not know. */
export const reasons = [
  'ConfigLocked',
  'TargetSpent',
  'TargetConflict',
  'Contended',
  'TargetUnavailable',
  'VersionNotUploaded',
  'MiniProgramNotFound',
  'VariablesUnavailable',
  'VariablesLimit',
  'Superseded',
  'DomainsNotGranted',
  'NotGranted',
  'AccessDenied',
  'PlatformRefused',
  'PlatformMismatch',
  'SecretUnavailable',
  'ReferenceNotFound',
  'Invalid',
] as const;

export type Reason = (typeof reasons)[number];

/** Why a change that is possible is not made now. */
export const heldReasons = [
  'Suspended',
  'AwaitsOther',
  'AwaitingApproval',
  'GateRefused',
  'DriftReported',
  'DriftIgnored',
] as const;

export type HeldReason = (typeof heldReasons)[number];

/** Why a field differs from what is declared. */
export const causes = ['declaration', 'drift', 'conflict', 'adoption', 'undeclared'] as const;

export type Cause = (typeof causes)[number];

/** What a plan does with a desired release; every desired release has exactly one. */
export const actions = [
  'create',
  'adopt',
  'update',
  'unchanged',
  'settled',
  'waiting',
  'blocked',
] as const;

export type Action = (typeof actions)[number];
