import type { DesiredProgram, DesiredRelease } from '../model/desired.ts';
import type {
  Fingerprints,
  ObservedGlobal,
  ObservedProgram,
  ObservedRelease,
} from '../model/observed.ts';
import type { Precondition } from '../model/plan.ts';
import { programId, releaseId, type ReleaseId, type ReleaseKey } from '../words/keys.ts';
import type { EpochMs } from '../words/time.ts';
import { createGlobalView, type GlobalView } from './global-view.ts';
import { createMarkReader, type MarkReader, type MarkView } from './mark-view.ts';
import { createSight, type Sight } from './sight.ts';

/** Everything a plan is made from. */
export interface PlanInput {
  readonly desired: DesiredProgram;
  readonly observed: ObservedProgram;
  readonly fingerprints: Fingerprints;
  /** Name of this installation, from the settings. */
  readonly installation: string;
  /** Names of installations whose records are taken over; `unknown` for marks that cannot be read. */
  readonly takeOver: readonly string[];
  readonly emulator: boolean;
  readonly now: EpochMs;
}

/** The input with what every step needs of it. */
export interface Context extends PlanInput {
  readonly sight: Sight;
  readonly marks: MarkReader;
  readonly global: GlobalView;
  readonly globalMark: MarkView;
  /** The platform keeps marks on its records. */
  readonly storesMarks: boolean;
}

export function createContext(input: PlanInput): Context {
  const { observed, fingerprints, desired } = input;
  const sight = createSight(fingerprints);
  const marks = createMarkReader(input);
  const storesMarks = observed.capabilities.marks;
  const globalText = storesMarks
    ? observed.miniProgram?.global.mark
    : observed.bases[programId(desired.key)];
  const globalMark = marks.read(globalText);
  return {
    ...input,
    sight,
    marks,
    storesMarks,
    globalMark,
    global: createGlobalView({ desired, observed, sight, marks, mark: globalMark }),
  };
}

/** A desired release with its record and what the record's mark says. */
export interface Subject {
  /** Another source's declaration counts for this key. */
  readonly isRival: boolean;
  readonly id: ReleaseId;
  readonly release: DesiredRelease;
  readonly record: ObservedRelease | undefined;
  readonly mark: MarkView;
}

/** The record of a key and its mark; where the platform stores none, the one kept beside it. */
export function subjectOf(
  release: DesiredRelease,
  { observed, marks, storesMarks }: Context,
): Subject {
  const id = releaseId(release.key);
  const record = observed.releases[id];
  return {
    isRival: false,
    id,
    release,
    record,
    mark: marks.read(storesMarks ? record?.mark : observed.bases[id]),
  };
}

/** How the record must stand for a write to be made. */
export function preconditionOf(
  record: ObservedRelease | ObservedGlobal | undefined,
  { observed }: Context,
): Precondition {
  if (observed.attested) return { kind: 'notObserved' };
  if (!record) return { kind: 'absent' };
  return { kind: 'record', revision: record.revision, mark: record.mark };
}

/** `version app/environment`, as people say it. */
export function releaseText({ version, app, environment }: ReleaseKey): string {
  return `${version} ${app}/${environment}`;
}
