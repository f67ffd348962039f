import type { MiniProgram } from '../kinds/index.ts';
import { defaultPolicy, type Policy, type Suspension } from '../model/policy.ts';
import type { Environment } from '../words/environments.ts';
import type { DocumentId } from '../words/places.ts';
import { parseMoment } from './moment.ts';

type PolicySpec = MiniProgram['spec']['policy'];
type SuspendSpec = MiniProgram['spec']['suspend'];

/** A program's policy, without its overrides by environment if none is named. */
export function policyOf(spec: PolicySpec, environment?: Environment): Policy {
  const { environments, ...own } = spec ?? {};
  return {
    ...defaultPolicy,
    ...own,
    ...(environment !== undefined && environments?.[environment]),
  };
}

export function suspensionOf(spec: SuspendSpec, document: DocumentId): Suspension | undefined {
  if (spec === undefined) return undefined;
  const until = spec.until === undefined ? undefined : parseMoment(spec.until);
  const place = { document, pointer: '/spec/suspend' };
  return { reason: spec.reason, place, ...(until !== undefined && { until }) };
}

/** The suspension that lasts longer; of two that last the same the first. */
export function stronger(
  a: Suspension | undefined,
  b: Suspension | undefined,
): Suspension | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return (b.until ?? Infinity) > (a.until ?? Infinity) ? b : a;
}
