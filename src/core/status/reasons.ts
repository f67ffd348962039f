import type { ErrorCode } from '../words/errors.ts';
import { heldReasons, type HeldReason, type Reason } from '../words/reasons.ts';

/** Words of conditions that are no reason of a plan, of a decision or of a failure. */
export type StateReason = 'InSync' | 'Valid' | 'Progressing' | 'NotYetSeen';

/** Every reason a condition of ours can have. */
export type ConditionReason = StateReason | Reason | HeldReason | ErrorCode;

/**
 * What a reason means for an object whose Ready has it. `Stalled`: a person has to change the declaration.
 * `Reconciling`: somebody else can resolve it, or it comes by itself. Neither: `Ready` is True.
 */
export interface ReasonRow {
  readonly beside: 'Stalled' | 'Reconciling' | null;
  /** Opens the message; what to do follows. */
  readonly what: string;
}

const ready = (what: string): ReasonRow => ({ beside: null, what });
const reconciling = (what: string): ReasonRow => ({ beside: 'Reconciling', what });
const stalled = (what: string): ReasonRow => ({ beside: 'Stalled', what });

/** The one table of reasons; docs/operations/kubernetes-conditions.md has a row for each. */
export const conditionReasons = {
  InSync: ready('everything declared is on the platform'),
  Valid: ready('the declaration is valid'),
  Suspended: ready('it is suspended'),
  DriftReported: ready('somebody changed it on the platform, and policy leaves it'),
  DriftIgnored: ready('somebody changed it on the platform, and policy ignores it'),

  NotYetSeen: reconciling('not compared with the platform yet'),
  Progressing: reconciling('it is being written'),
  AwaitingApproval: reconciling('it waits for an approval'),
  AwaitsOther: reconciling('it waits for something else that is held'),
  GateRefused: reconciling('a gate refuses it'),

  Invalid: stalled('the declaration is invalid'),
  TargetSpent: stalled('the release was canceled there'),
  PlatformRefused: stalled('the platform refuses it'),

  ConfigLocked: reconciling('the release cannot be edited any more'),
  TargetConflict: reconciling('another source declares the same, and counts'),
  Contended: reconciling('somebody else keeps changing it'),
  TargetUnavailable: reconciling('the program cannot be released there'),
  VersionNotUploaded: reconciling('the version is not uploaded yet'),
  MiniProgramNotFound: reconciling('the platform does not know the mini program'),
  VariablesUnavailable: reconciling('there are no environment variables there'),
  VariablesLimit: reconciling('there are too many environment variables'),
  Superseded: reconciling('a newer version is declared'),
  DomainsNotGranted: reconciling('the program may not edit its domains'),
  NotGranted: reconciling('it is not granted'),
  AccessDenied: reconciling('the platform denies access'),
  PlatformMismatch: reconciling('another platform answers than was named'),
  SecretUnavailable: reconciling('a secret cannot be read'),
  ReferenceNotFound: reconciling('something it refers to is missing'),

  PlatformUnavailable: reconciling('the platform does not answer'),
  RateLimited: reconciling('the platform limits the rate'),
  SignatureRefused: reconciling('the platform refuses our signature'),
  ResponseUntrusted: reconciling('the answer of the platform cannot be trusted'),
  Stale: reconciling('the record changed meanwhile'),
  AlreadySelected: reconciling('the record exists meanwhile'),
  NotEditable: reconciling('the record left the editable status meanwhile'),
  RequestInvalid: reconciling('the platform does not understand the request'),
  OutcomeUnknown: reconciling('whether the write arrived is not known yet'),
  ListExpired: reconciling('the list ended before it was read'),
  SourceUnavailable: reconciling('the repository cannot be read'),
  SourceRewound: reconciling('the ref moved backwards'),
  SourceRefused: reconciling('the commit is not signed as demanded'),
  ForgeUnavailable: reconciling('the forge does not answer'),
  ForgeRefused: reconciling('the forge refuses'),
  ForgeNotFound: reconciling('the forge does not know it'),
  ClusterUnavailable: reconciling('the API server does not answer'),
  ClusterRefused: reconciling('the API server refuses'),
  SettingsInvalid: reconciling('the settings of the controller are invalid'),
  LocalFailure: reconciling('the controller has trouble with its own machine'),
  InternalError: reconciling('a bug in Fairlead'),
} as const satisfies Readonly<Record<ConditionReason, ReasonRow>>;

/** The row of a reason; a word of a newer controller counts as something that is under way. */
export function rowOf(reason: string): ReasonRow {
  return isKnown(reason) ? conditionReasons[reason] : reconciling(reason);
}

export function isHeldReason(reason: string): reason is HeldReason {
  return (heldReasons as readonly string[]).includes(reason);
}

function isKnown(reason: string): reason is ConditionReason {
  return Object.hasOwn(conditionReasons, reason);
}
