import type { MiniProgramRelease } from '../kinds/index.ts';
import type { Barrier } from '../model/desired.ts';
import type { ReleaseId, ReleaseKey } from '../words/keys.ts';
import type { Place } from '../words/places.ts';
import type { Home } from './homes.ts';
import type { Entry } from './index-source.ts';
import type { Layer } from './layers.ts';
import type { Mistake } from './mistakes.ts';

/** One source's claim to a release key, before its layers are merged. */
export interface ReleaseClaim {
  readonly id: ReleaseId;
  readonly key: ReleaseKey;
  readonly entry: Entry;
  readonly home: Home;
  readonly spec?: MiniProgramRelease['spec'];
  readonly own: boolean;
  readonly places: readonly [Place, ...Place[]];
  /** Lowest first; empty where a barrier stands. */
  readonly layers: readonly Layer[];
  readonly barrier?: Barrier;
}

export interface ReleaseClaims {
  readonly claims: readonly ReleaseClaim[];
  readonly mistakes: readonly Mistake[];
}
