import type { GatesSpec } from '../kinds/platform-connection.ts';
import { defaultGates, type Gates } from '../model/policy.ts';

/** The gates of a connection: what it says, defaults for the rest. */
export function gatesOf(spec: GatesSpec | undefined): Gates {
  return {
    maxChanges: spec?.maxChanges ?? defaultGates.maxChanges,
    maxPercent: spec?.maxPercent ?? defaultGates.maxPercent,
    maxPrograms: spec?.maxPrograms ?? defaultGates.maxPrograms,
    clearTesters: spec?.clearTesters ?? defaultGates.clearTesters,
    clearDomains: spec?.clearDomains ?? defaultGates.clearDomains,
    productionPayee: spec?.productionPayee ?? defaultGates.productionPayee,
  };
}
