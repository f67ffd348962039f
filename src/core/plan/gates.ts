import type { GatesSpec } from '../kinds/platform-connection.ts';
import type { AskingGate } from '../model/plan.ts';
import { defaultGates, type Gates } from '../model/policy.ts';

/** The gates of a connection: what it says, defaults for the rest. */
export function gatesOf(spec: GatesSpec | undefined): Gates {
  const {
    maxChanges = defaultGates.maxChanges,
    maxPercent = defaultGates.maxPercent,
    maxPrograms = defaultGates.maxPrograms,
    ...always
  } = spec ?? {};
  return { maxChanges, maxPercent, maxPrograms, ...alwaysAsked(always) };
}

function alwaysAsked({
  clearTesters = defaultGates.clearTesters,
  clearDomains = defaultGates.clearDomains,
  productionPayee = defaultGates.productionPayee,
}: Pick<GatesSpec, AskingGate>): Pick<Gates, AskingGate> {
  return { clearTesters, clearDomains, productionPayee };
}
