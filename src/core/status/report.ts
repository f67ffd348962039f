import type { Trouble } from '../model/controller.ts';
import type { DesiredGlobal, DesiredProgram, DesiredRelease } from '../model/desired.ts';
import type {
  ChangeId,
  Change,
  Decision,
  GlobalChange,
  Plan,
  ReleaseChange,
} from '../model/plan.ts';
import type { Written } from '../model/write.ts';
import type { ReconcileError } from '../words/errors.ts';
import { programId, releaseId } from '../words/keys.ts';
import type { DocumentId } from '../words/places.ts';
import type { Status } from '../words/statuses.ts';

/** What became of one change, as the executor tells it. */
export type Carried =
  | {
      readonly result: 'applied';
      readonly change: Change;
      readonly written: Written;
      readonly left: readonly ChangeId[];
    }
  | { readonly result: 'failed'; readonly change: Change; readonly error: ReconcileError }
  | { readonly result: 'skipped'; readonly change: Change; readonly why: string };

/** What the last pass over a program came to. */
export type PassResult =
  | {
      readonly state: 'planned';
      readonly plan: Plan;
      readonly decision: Decision;
      readonly outcomes: readonly Carried[];
      /** The same was refused by the platform for good a while ago: nothing was tried. */
      readonly rests: boolean;
    }
  /** There is no plan. */
  | { readonly state: 'failed'; readonly trouble: Trouble }
  /** There never will be one: it names a connection that nobody has declared, and its barriers say so. */
  | { readonly state: 'barred' }
  | { readonly state: 'unseen' }
  /** Another process judges it: what that one wrote stays. */
  | { readonly state: 'elsewhere' };

/** What is known of a record beyond its plan. */
export interface RecordFacts {
  readonly id?: string;
  readonly status?: Status;
  readonly testQrCode?: string;
  readonly effectiveDigest?: string;
}

export interface ReportInput {
  readonly desired: DesiredProgram;
  readonly result: PassResult;
  /** By release id, and by program id for the global configuration; absent: what was known before stays. */
  readonly records?: Readonly<Record<string, RecordFacts>>;
  /** Marks kept outside the platform, where it stores none; by the index of `Ledger.bases`. */
  readonly bases?: Readonly<Record<string, string>>;
}

/** One claim to a release key, with what the pass made of it. */
export interface ReleaseClaim {
  readonly desired: DesiredRelease;
  readonly change?: ReleaseChange;
}

export interface GlobalClaim {
  readonly desired: DesiredGlobal;
  /** Absent: nothing is to be done or said, or there is no plan. */
  readonly change?: GlobalChange;
}

/** A pass over one program, ready to be asked by each object that it speaks of. */
export interface ProgramReport extends ReportInput {
  /** By the documents that claim them; a key that two documents of one source claim stands under both. */
  readonly releases: ReadonlyMap<DocumentId, readonly ReleaseClaim[]>;
  readonly globals: ReadonlyMap<DocumentId, GlobalClaim>;
  /** By the source of the claim: what counts for its MiniProgram. */
  readonly bySource: ReadonlyMap<string, readonly ReleaseClaim[]>;
}

/** Splits what a pass came to by the documents it is about. Made once per pass, however many objects ask. */
export function programReport(input: ReportInput): ProgramReport {
  const claims = releaseClaims(input);
  const releases = new Map<DocumentId, ReleaseClaim[]>();
  for (const claim of claims)
    for (const document of documentsOf(claim.desired)) add(releases, document, claim);
  return {
    ...input,
    releases,
    globals: new Map(globalClaims(input)),
    bySource: Map.groupBy(claims, ({ desired }) => desired.source),
  };
}

function add<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}

/** Of two documents with one claim both are named by its places, beside the MiniProgram that stands behind them. */
function documentsOf({ document, claims }: DesiredRelease): ReadonlySet<DocumentId> {
  return new Set([document, ...claims.map((place) => place.document)]);
}

function releaseClaims({ desired, result }: ReportInput): readonly ReleaseClaim[] {
  const changes = new Map(
    planOf(result)?.changes.map((change) => [claimId(change), change] as const) ?? [],
  );
  return desired.releases
    .flatMap((release) => [release, ...(release.rivals ?? [])])
    .map((release) => {
      const change = changes.get(claimId(release));
      return { desired: release, ...(change ? { change } : {}) };
    });
}

function globalClaims({
  desired,
  result,
}: ReportInput): readonly (readonly [DocumentId, GlobalClaim])[] {
  const { global } = desired;
  if (!global) return [];
  const changes = new Map(planOf(result)?.global.map((change) => [change.source, change] as const));
  return [global, ...(global.rivals ?? [])].flatMap((one) => {
    const change = changes.get(one.source);
    const claim = { desired: one, ...(change ? { change } : {}) };
    return one.claims.map(({ document }) => [document, claim] as const);
  });
}

function planOf(result: PassResult): Plan | undefined {
  return result.state === 'planned' ? result.plan : undefined;
}

/** One source claims a key once. */
function claimId({ key, source }: Pick<DesiredRelease, 'key' | 'source'>): string {
  return `${source}|${releaseId(key)}`;
}

/** Index of records and bases. */
export function recordIndex(
  change: Pick<Change, 'scope' | 'key'> | ReleaseClaim['desired'],
): string {
  const { key } = change;
  return 'version' in key ? releaseId(key) : programId(key);
}
