import type { ProgramId } from '../core/words/keys.ts';
import type { Page } from '../ports/index.ts';
import type { ListSizes } from './memory.ts';

/** One list of a workspace that can be read whole or filtered by mini program ids. */
export interface Listing<T> {
  /** Declared mini program ids by program id. */
  readonly wanted: ReadonlyMap<ProgramId, string>;
  /** Ids one filter may hold. */
  readonly groupSize: number;
  /** Records on a full page. */
  readonly pageSize: number;
  readonly known: ListSizes | undefined;
  readonly programOf: (item: T) => ProgramId;
  readonly list: (ids: readonly string[] | undefined) => AsyncIterable<Page<T>>;
}

export interface Listed<T> {
  /** Records of wanted programs, in the order they came; one record may occur twice. */
  readonly items: readonly T[];
  readonly sizes: ListSizes;
}

/** Ids in groups that one filter can hold, in a stable order. */
export function groupsOf(ids: readonly string[], size: number): readonly (readonly string[])[] {
  const sorted = [...ids].sort();
  return Array.from({ length: Math.ceil(sorted.length / size) }, (_, i) =>
    sorted.slice(i * size, (i + 1) * size),
  );
}

/** Calls that a list of so many records takes; an empty list takes one. */
function calls(records: number, pageSize: number): number {
  return Math.max(1, Math.ceil(records / pageSize));
}

type Choice = 'filtered' | 'whole' | 'try whole';

/**
 * The cheaper way to read what is wanted, as far as it is known.
 *
 * | groups | known            | choice    | why                                                        |
 * |--------|------------------|-----------|------------------------------------------------------------|
 * | 1      | anything         | filtered  | its records are a part of all records                      |
 * | more   | sizes            | cheaper   | counted                                                    |
 * | more   | nothing          | try whole | costs no more than the filters while it takes fewer pages  |
 */
function choose<T>(listing: Listing<T>, groups: readonly (readonly string[])[]): Choice {
  if (groups.length <= 1) return 'filtered';
  const { known, pageSize, wanted } = listing;
  if (known?.total === undefined) return 'try whole';
  const ids = new Map([...wanted].map(([program, id]) => [id, program]));
  const filtered = groups
    .map((group) =>
      group.reduce((sum, id) => sum + (known.perProgram[ids.get(id) ?? ('' as ProgramId)] ?? 0), 0),
    )
    .reduce((sum, records) => sum + calls(records, pageSize), 0);
  return calls(known.total, pageSize) <= filtered ? 'whole' : 'filtered';
}

/**
 * Every record of the wanted programs, by the fewest pages; foreign records are dropped while they stream.
 *
 * @throws what the list throws; nothing is retried here
 * @see semantics, section 5, "Cost"
 */
export async function readListing<T>(listing: Listing<T>): Promise<Listed<T>> {
  const groups = groupsOf([...listing.wanted.values()], listing.groupSize);
  const choice = choose(listing, groups);
  if (choice !== 'filtered') {
    const whole = await readWhole(listing, choice === 'whole' ? Infinity : groups.length);
    if (whole) return whole;
  }
  return readGroups(listing, groups);
}

/**
 * Reads the whole list. Past `budget` pages it goes on only while at least half of the records are wanted: then the
 * filters could save no more than what was read already.
 */
async function readWhole<T>(listing: Listing<T>, budget: number): Promise<Listed<T> | undefined> {
  const items: T[] = [];
  let total = 0;
  let pages = 0;
  for await (const page of listing.list(undefined)) {
    total += page.items.length;
    pages += 1;
    items.push(...page.items.filter((item) => listing.wanted.has(listing.programOf(item))));
    // A short page is probably the last one; a platform that caps its pages silently makes all of them short.
    const maybeLast = pages === budget && page.items.length < listing.pageSize;
    if (pages >= budget && items.length * 2 < total && !maybeLast) return undefined;
  }
  return { items, sizes: { total, perProgram: countBy(items, listing) } };
}

async function readGroups<T>(
  listing: Listing<T>,
  groups: readonly (readonly string[])[],
): Promise<Listed<T>> {
  const items: T[] = [];
  for (const group of groups) {
    for await (const page of listing.list(group)) {
      items.push(...page.items.filter((item) => listing.wanted.has(listing.programOf(item))));
    }
  }
  return { items, sizes: { perProgram: countBy(items, listing) } };
}

function countBy<T>(
  items: readonly T[],
  { programOf, wanted }: Listing<T>,
): ListSizes['perProgram'] {
  const counts: Partial<Record<ProgramId, number>> = Object.fromEntries(
    [...wanted.keys()].map((id) => [id, 0]),
  );
  for (const item of items) counts[programOf(item)] = (counts[programOf(item)] ?? 0) + 1;
  return counts;
}
