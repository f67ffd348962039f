import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { programId, type ProgramId } from '../../../src/core/words/keys.ts';
import { readListing } from '../../../src/engine/listing.ts';
import type { ListSizes } from '../../../src/engine/memory.ts';
import type { Page } from '../../../src/ports/index.ts';

interface Item {
  readonly program: string;
}

function idOf(program: string): ProgramId {
  return programId({ platform: 'p', workspace: 'w', miniProgram: program });
}

/** A workspace whose lists are cut into pages, counting the calls that read them. */
function workspace(programs: Readonly<Record<string, number>>, pageSize: number) {
  const items = Object.entries(programs).flatMap(([program, count]) =>
    Array.from({ length: count }, (): Item => ({ program })),
  );
  const calls: (readonly string[] | undefined)[] = [];
  async function* list(ids: readonly string[] | undefined): AsyncGenerator<Page<Item>> {
    const wanted = items.filter(({ program }) => ids?.includes(program) ?? true);
    for (let start = 0; start === 0 || start < wanted.length; start += pageSize) {
      calls.push(ids);
      yield { items: wanted.slice(start, start + pageSize) };
    }
  }
  return { list, calls };
}

interface Case {
  readonly programs: Readonly<Record<string, number>>;
  readonly wanted: readonly string[];
  readonly pageSize: number;
  readonly groupSize: number;
  readonly known?: ListSizes;
}

async function read({ programs, wanted, pageSize, groupSize, known }: Case) {
  const { list, calls } = workspace(programs, pageSize);
  const listed = await readListing<Item>({
    wanted: new Map(wanted.map((id) => [idOf(id), id])),
    groupSize,
    pageSize,
    known,
    programOf: ({ program }) => idOf(program),
    list,
  });
  return { listed, calls };
}

/** docs/reference/semantics.md 5: min(ceil(R/p), sum over groups ceil(R_group/p)), an empty list being one call all the same. */
function fewest({ programs, wanted, pageSize, groupSize }: Case): number {
  const pages = (records: number): number => Math.max(1, Math.ceil(records / pageSize));
  const sorted = [...wanted].sort();
  const groups = Array.from({ length: Math.ceil(sorted.length / groupSize) }, (_, i) =>
    sorted.slice(i * groupSize, (i + 1) * groupSize),
  );
  const sum = (ids: readonly string[]): number =>
    ids.reduce((total, id) => total + (programs[id] ?? 0), 0);
  const filtered = groups.reduce((total, group) => total + pages(sum(group)), 0);
  return Math.min(pages(sum(Object.keys(programs))), filtered);
}

describe('readListing', () => {
  it.each([
    {
      name: 'one group is filtered',
      why: 'records of declared programs are a part of all records',
      case: { programs: { a: 3, foreign: 50 }, wanted: ['a'], pageSize: 10, groupSize: 5 },
      calls: [['a']],
    },
    {
      name: 'a program without records still takes one call',
      why: 'only an answer can say that there is nothing',
      case: { programs: { foreign: 3 }, wanted: ['a'], pageSize: 10, groupSize: 5 },
      calls: [['a']],
    },
    {
      name: 'a small workspace is read whole',
      why: 'one page holds more than two groups need',
      case: {
        programs: { a: 1, b: 1, foreign: 3 },
        wanted: ['a', 'b'],
        pageSize: 10,
        groupSize: 1,
      },
      calls: [undefined],
    },
    {
      name: 'a workspace full of foreign records is left after as many pages as there are groups',
      why: 'until then the whole list could have been the cheaper one',
      case: {
        programs: { foreign: 100, a: 1, b: 1 },
        wanted: ['a', 'b'],
        pageSize: 10,
        groupSize: 1,
      },
      calls: [undefined, undefined, ['a'], ['b']],
    },
    {
      name: 'a workspace of our own is read whole although it takes more pages',
      why: 'filters could not save more than what was read already',
      case: { programs: { a: 15, b: 15 }, wanted: ['a', 'b'], pageSize: 10, groupSize: 1 },
      calls: [undefined, undefined, undefined],
    },
    {
      name: 'known sizes choose the filters at once',
      why: 'an earlier pass has counted',
      case: {
        programs: { foreign: 100, a: 1, b: 1 },
        wanted: ['a', 'b'],
        pageSize: 10,
        groupSize: 1,
        known: { total: 102, perProgram: { [idOf('a')]: 1, [idOf('b')]: 1 } },
      },
      calls: [['a'], ['b']],
    },
  ])('$name', async ({ case: given, calls: expected, why }) => {
    const { calls } = await read(given);

    expect(calls, why).toEqual(expected);
  });

  const cases = fc
    .record({
      programs: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'x', 'y', 'z'), fc.nat(30)),
      wanted: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }),
      pageSize: fc.integer({ min: 1, max: 12 }),
      groupSize: fc.integer({ min: 1, max: 4 }),
    })
    .map((given): Case => given);

  it('finds every wanted record and no other, whatever way it takes', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (given) => {
        const { listed } = await read(given);

        const found = Object.groupBy(listed.items, ({ program }) => program);
        const expected = given.wanted.filter((id) => (given.programs[id] ?? 0) > 0);
        expect(Object.keys(found).sort()).toEqual([...expected].sort());
        for (const id of expected) expect(found[id]).toHaveLength(given.programs[id] ?? 0);
      }),
    );
  });

  it('takes the fewest calls there are once sizes are known', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (given) => {
        const total = Object.values(given.programs).reduce((sum, count) => sum + count, 0);
        const counts = given.wanted.map((id) => [idOf(id), given.programs[id] ?? 0] as const);
        const known = { total, perProgram: Object.fromEntries(counts) };

        const { calls } = await read({ ...given, known });

        expect(calls).toHaveLength(fewest(given));
      }),
    );
  });

  it('takes the fewest calls with one group, and at most about three times as many when nothing is known', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (given) => {
        const { calls } = await read(given);

        const groups = Math.ceil(given.wanted.length / given.groupSize);
        if (groups === 1) expect(calls).toHaveLength(fewest(given));
        else expect(calls.length).toBeLessThanOrEqual(3 * fewest(given) + groups);
      }),
    );
  });
});
