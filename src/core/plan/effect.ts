import type { AskingGate, FieldChange } from '../model/plan.ts';
import type { Environment } from '../words/environments.ts';
import { isListField, isVariable, type FieldPath } from '../words/fields.ts';
import type { Effective } from './global-view.ts';

/** Whether what a running program gets differs; where one side is not known it is taken to. */
export function isEffective(before: Effective, after: Effective): boolean {
  if (!before.known || !after.known) return true;
  return !isSameEffect(before.value, after.value);
}

function isSameEffect(
  a: string | readonly string[] | undefined,
  b: string | readonly string[] | undefined,
): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

interface Effect {
  readonly path: FieldPath;
  readonly before: Effective;
  readonly after: Effective;
  readonly environments: readonly Environment[];
}

/** The gate that always asks before such a change; what is not known is taken for the worse. */
export function askingGate({
  path,
  before,
  after,
  environments,
}: Effect): Pick<FieldChange, 'asks'> {
  const gate = gateOf(path);
  if (!gate || !isSet(before)) return {};
  if (gate === 'productionPayee') {
    return environments.includes('Production') && isEffective(before, after) ? { asks: gate } : {};
  }
  return after.known && after.value !== undefined ? {} : { asks: gate };
}

function gateOf(path: FieldPath): AskingGate | undefined {
  if (isVariable(path)) return undefined;
  if (!isListField(path)) return 'productionPayee';
  return path === 'testers' ? 'clearTesters' : 'clearDomains';
}

function isSet(effective: Effective): boolean {
  return !effective.known || effective.value !== undefined;
}
