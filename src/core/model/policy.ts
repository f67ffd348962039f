import type { Place } from '../words/places.ts';
import type { EpochMs } from '../words/time.ts';

/** Policy of one target, environment overrides and defaults applied. */
export interface Policy {
  readonly onChange: 'Apply' | 'Plan';
  readonly onDrift: 'Apply' | 'Report' | 'Ignore';
  readonly undeclared: 'Report' | 'Clear';
}

export const defaultPolicy: Policy = { onChange: 'Apply', onDrift: 'Report', undeclared: 'Report' };

export interface Suspension {
  readonly reason: string;
  /** Absent: until somebody removes it. */
  readonly until?: EpochMs;
  readonly place?: Place;
}

type Threshold = number | 'off';
type Ask = 'ask' | 'off';

/** Seat belts of a connection; counts are inclusive maxima. */
export interface Gates {
  readonly maxChanges: Threshold;
  /** Percent, 0 to 100, of at least `percentFloor` existing releases. */
  readonly maxPercent: Threshold;
  readonly maxPrograms: Threshold;
  readonly clearTesters: Ask;
  readonly clearDomains: Ask;
  readonly productionPayee: Ask;
}

export const defaultGates: Gates = {
  maxChanges: 50,
  maxPercent: 30,
  maxPrograms: 20,
  clearTesters: 'ask',
  clearDomains: 'ask',
  productionPayee: 'ask',
};

/** Fewer existing releases than this are too few for a percentage to mean anything. */
export const percentFloor = 10;
