import type { FieldChange } from '../model/plan.ts';
import type { Policy } from '../model/policy.ts';
import type { EpochMs } from '../words/time.ts';
import { isoTime } from '../words/time.ts';
import { standing } from './suspension.ts';
import type { Hold, Unit } from './unit.ts';

/*
 * Which policy a cause follows:
 *
 *   cause                     follows
 *   ------------------------  -------------------------------------------------------------
 *   declaration               onChange
 *   adoption, field unset     onChange
 *   drift                     onDrift
 *   undeclared (under Clear)  onDrift
 *   other adoption, conflict  both must be Apply: applying would overwrite what somebody set
 */

/** What suspension and policy say of a unit; empty where it may go. */
export function policyHolds(unit: Unit, now: EpochMs): readonly Hold[] {
  return [...suspension(unit, now), ...unitHolds(unit)];
}

function suspension({ change }: Unit, now: EpochMs): readonly Hold[] {
  const suspended = standing(change.suspended, now);
  if (!suspended) return [];
  const until = suspended.until === undefined ? '' : ` until ${isoTime(suspended.until)}`;
  return [
    { reason: 'Suspended', message: `suspended${until}: ${suspended.reason}`, releasable: false },
  ];
}

function unitHolds(unit: Unit): readonly Hold[] {
  const { policy } = unit.change;
  if (unit.kind === 'field') return unit.fields.flatMap((field) => fieldHolds(field, policy));
  const impossible = unit.fields.some((field) => field.path !== 'mark' && !field.write)
    ? [unverified]
    : [];
  return [
    ...impossible,
    ...onChangeHolds(policy, unit.ids.length === 1 ? unit.ids[0] : unit.change.changeId),
  ];
}

/** A secret whose value nobody can open here can be planned and shown, and not written. */
const unverified: Hold = {
  reason: 'AwaitsOther',
  message:
    'it needs a secret that no store here can give: apply it where the secrets are configured',
  releasable: false,
};

function fieldHolds(field: FieldChange, changePolicy: Policy): readonly Hold[] {
  if (!field.write) return [field.surplus === undefined ? unverified : surplusHold(field)];
  const policy = field.policy ?? changePolicy;
  switch (field.cause) {
    case 'declaration':
      return onChangeHolds(policy, field.changeId);
    case 'drift':
    case 'undeclared':
      return onDriftHolds(policy, field);
    case 'adoption':
      return isUnset(field) ? onChangeHolds(policy, field.changeId) : overwriteHolds(policy, field);
    case 'conflict':
      return overwriteHolds(policy, field);
  }
}

function surplusHold({ surplus = 0 }: FieldChange): Hold {
  return {
    reason: 'DriftReported',
    message: `${surplus === 1 ? '1 tester is' : `${surplus} testers are`} not declared and cannot be removed while pilot testing goes on`,
    releasable: false,
  };
}

/** Nothing release-specific is overwritten. */
function isUnset({ before }: FieldChange): boolean {
  return before.state === 'unset' || before.state === 'inherited';
}

function onChangeHolds({ onChange }: Policy, id: string | undefined): readonly Hold[] {
  if (onChange === 'Apply') return [];
  return [
    { reason: 'AwaitingApproval', message: `onChange is Plan: ${allow(id)}`, releasable: true },
  ];
}

function onDriftHolds({ onDrift }: Policy, { cause, changeId }: FieldChange): readonly Hold[] {
  if (onDrift === 'Apply') return [];
  const what =
    cause === 'drift' ? 'somebody changed it on the platform' : 'somebody set it on the platform';
  if (onDrift === 'Ignore') {
    return [
      { reason: 'DriftIgnored', message: `${what}, and onDrift is Ignore`, releasable: false },
    ];
  }
  return [
    {
      reason: 'DriftReported',
      message: `${what}, and onDrift is Report: ${allow(changeId)}`,
      releasable: true,
    },
  ];
}

function overwriteHolds(
  { onChange, onDrift }: Policy,
  { cause, changeId }: FieldChange,
): readonly Hold[] {
  if (onChange === 'Apply' && onDrift === 'Apply') return [];
  const what =
    cause === 'conflict'
      ? 'both the declaration and the platform changed since Fairlead last wrote it'
      : 'somebody set it before Fairlead knew it';
  return [{ reason: 'AwaitingApproval', message: `${what}: ${allow(changeId)}`, releasable: true }];
}

/** The one way to let a held change pass. */
export function allow(id: string | undefined): string {
  return `--allow ${id ?? ''}`.trim();
}
