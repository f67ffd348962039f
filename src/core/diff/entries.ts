import { declaredValue } from '../explain/declared-value.ts';
import type { DesiredGlobal, DesiredRelease, ResolvedField } from '../model/desired.ts';
import { canonicalJson } from '../words/digests.ts';
import { type FieldPath, pathsOf } from '../words/fields.ts';
import type { Locate, Place } from '../words/places.ts';
import type { Both, DiffedField, DiffedRelease, DiffedValue } from './declaration-diff.ts';
import { type Pair, pairOf, wordOf } from './pairs.ts';

type Claim = DesiredRelease | DesiredGlobal;
type Entry = Omit<DiffedRelease, 'key' | 'name'>;

/** Where lines stand before and after. */
export interface Locates {
  readonly before: Locate;
  readonly after: Locate;
}

/** What differs between a claim before and after; `undefined` if nothing does. */
export function diffEntries({ before, after }: Pair<Claim>, locates: Locates): Entry | undefined {
  const claim = after ?? before;
  if (claim === undefined) return undefined;
  const isHere = after !== undefined;
  const entry: Entry = {
    change: wordOf(pairOf(before, after)),
    source: claim.source,
    fields: fieldsOf(before, after, locates),
    policy: both(before, after, ({ policy }) => policy),
    suspended: both(before, after, suspensionOf),
    barrier: barriers(before, after),
    origins: claim.claims.map(isHere ? locates.after : locates.before),
  };
  const same =
    entry.change === 'changed' &&
    entry.fields.length === 0 &&
    [entry.policy, entry.suspended, entry.barrier].every((each) => each === null);
  return same ? undefined : entry;
}

function suspensionOf({
  suspended,
}: Claim): { readonly reason: string; readonly until?: number } | null {
  if (suspended === undefined) return null;
  const { reason, until } = suspended;
  return { reason, ...(until !== undefined && { until }) };
}

function barrierOf(
  claim: Claim | undefined,
): { readonly reason: string; readonly message: string } | null {
  const barrier = claim?.barrier;
  return barrier === undefined ? null : { reason: barrier.reason, message: barrier.message };
}

/** A barrier is told wherever one stands anew or is gone, also on what was added or removed. */
function barriers(before: Claim | undefined, after: Claim | undefined): Entry['barrier'] {
  const found = { before: barrierOf(before), after: barrierOf(after) };
  return canonicalJson(found.before) === canonicalJson(found.after) ? null : found;
}

/** Both sides of what differs; null if it does not, or stands on one side only. */
function both<T>(
  before: Claim | undefined,
  after: Claim | undefined,
  of: (claim: Claim) => T,
): Both<T> | null {
  if (before === undefined || after === undefined) return null;
  const found = { before: of(before), after: of(after) };
  return canonicalJson(found.before) === canonicalJson(found.after) ? null : found;
}

interface Declared {
  readonly value: DiffedValue;
  readonly places: readonly Place[];
}

type Fields = Readonly<Partial<Record<FieldPath, Declared>>>;

/** Behind a barrier nothing is declared that could take effect, so what it hides is no difference. */
function fieldsOf(
  before: Claim | undefined,
  after: Claim | undefined,
  locates: Locates,
): DiffedField[] {
  if (after?.barrier !== undefined) return [];
  const old = declaredOf(before);
  const fresh = declaredOf(after);
  return pathsOf(old, fresh).flatMap((path) =>
    diffField(path, pairOf(old[path], fresh[path]), locates),
  );
}

function diffField(path: FieldPath, pair: Pair<Declared>, locates: Locates): DiffedField[] {
  const { before, after } = pair;
  const values = { before: before?.value ?? null, after: after?.value ?? null };
  if (canonicalJson(values.before) === canonicalJson(values.after)) return [];
  const originsBefore = (before?.places ?? []).map(locates.before);
  const origins = (after?.places ?? []).map(locates.after);
  return [{ path, change: wordOf(pair), ...values, originsBefore, origins }];
}

function declaredOf(claim: Claim | undefined): Fields {
  if (claim === undefined) return {};
  const config: Readonly<Partial<Record<FieldPath, ResolvedField>>> = claim.config;
  const values = pathsOf(config).flatMap((path): [FieldPath, Declared][] => {
    const field = config[path];
    if (field === undefined) return [];
    return [[path, { value: declaredValue(field.value), places: field.origins }]];
  });
  const unset = 'unset' in claim ? claim.unset : [];
  const cleared = unset.map(({ field, place }): [FieldPath, Declared] => [
    field,
    { value: { state: 'unset' }, places: [place] },
  ]);
  return Object.fromEntries([...values, ...cleared]);
}
