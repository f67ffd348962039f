import type { DeclaredValue } from './declared-value.ts';
import type { LayerName } from '../model/desired.ts';
import type { Policy } from '../model/policy.ts';
import type { FieldPath } from '../words/fields.ts';
import type { ReleaseKey } from '../words/keys.ts';
import type { Origin } from '../words/places.ts';
import type { Problem } from '../words/problems.ts';

export type { DeclaredValue };

/** One thing one layer says about a field. */
export interface ExplainedLayer {
  readonly layer: LayerName | 'global configuration';
  readonly verb: 'set' | 'extend' | 'unset';
  /** What the layer says; absent for `unset`. */
  readonly value?: DeclaredValue;
  readonly origin: Origin;
  /** Where the layer stands that hides this one; absent: it counts. */
  readonly shadowedBy?: Origin;
}

export interface ExplainedField {
  readonly path: FieldPath;
  /** Declared for the release itself, inherited from the declared global configuration, or declared nowhere. */
  readonly from: 'release' | 'global' | 'nowhere';
  /** Absent where nothing is declared: the platform's global value counts, whatever it is. */
  readonly value?: DeclaredValue;
  /** Every line that contributed to the value, lowest layer first. */
  readonly origins: readonly Origin[];
  /** Lowest first; the declared global configuration below all. */
  readonly layers: readonly ExplainedLayer[];
}

/** The effective declaration of one release and target. */
export interface ExplainedTarget {
  readonly key: ReleaseKey;
  readonly name: string;
  readonly source: string;
  /** Other sources that claim the key. */
  readonly rivals: readonly string[];
  readonly own: boolean;
  readonly superseded: boolean;
  readonly policy: Policy;
  /** `until` in milliseconds since 1970. */
  readonly suspended: {
    readonly reason: string;
    readonly until?: number;
    readonly origin?: Origin;
  } | null;
  readonly barrier: {
    readonly reason: string;
    readonly message: string;
    readonly nextStep: string;
    readonly origins: readonly Origin[];
  } | null;
  readonly fields: readonly ExplainedField[];
  readonly origins: readonly Origin[];
}

/** The JSON of `explain`. */
export interface Explanation {
  readonly formatVersion: 1;
  readonly kind: 'Explanation';
  /** In the order of release keys; empty if the query found nothing. */
  readonly targets: readonly ExplainedTarget[];
  /** Of all declarations, and of a query that found nothing. */
  readonly problems: readonly Problem[];
}
