import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Lane } from '../../../src/ports/index.ts';
import { createWishes, type Turn, type Wishes } from '../../../src/reconcile/turns.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

/** Everything that is known of one key, in plain sight. */
interface Known {
  readonly key: string;
  lane: Lane | undefined;
  /** When it may run; undefined: it is not wished for. */
  dueMs: number | undefined;
  /** Order in which moments were set: the first of equal ones goes first. */
  order: number;
  /** Order in which keys took their place in a lane. */
  place: number;
  underWay: boolean;
  gone: boolean;
  failures: number;
  untilMs: number;
}

/** The queue as its contract says it, by looking at everything each time. */
class Naive implements Pick<Wishes<string>, 'add' | 'retry' | 'drop' | 'done' | 'take'> {
  private readonly keys = new Map<string, Known>();
  private places = 0;
  private orders = 0;
  private hotTurns = 0;
  now = 0;

  private of(key: string): Known {
    const fresh: Known = {
      ...{ key, lane: undefined, dueMs: undefined, place: 0, order: 0 },
      ...{ underWay: false, gone: false, failures: 0, untilMs: 0 },
    };
    const known = this.keys.get(key) ?? fresh;
    this.keys.set(key, known);
    return known;
  }

  /** Those that have come due stand in their lane, in the order of their moments. */
  private settle(): void {
    const due = [...this.keys.values()]
      .filter(({ dueMs, place }) => dueMs !== undefined && dueMs <= this.now && place === 0)
      .toSorted((a, b) => (a.dueMs ?? 0) - (b.dueMs ?? 0) || a.order - b.order);
    for (const known of due) if (!known.underWay) known.place = this.places += 1;
  }

  private isDirty({ dueMs }: Known): boolean {
    return dueMs !== undefined && dueMs <= this.now;
  }

  private wish(known: Known, lane: Lane, dueMs: number): void {
    const before = known.lane;
    const at = lane === 'sweep' ? Math.max(dueMs, known.untilMs) : dueMs;
    if (at < (known.dueMs ?? Infinity))
      Object.assign(known, { dueMs: at, order: (this.orders += 1) });
    known.lane = lane === 'hot' || before === 'hot' ? 'hot' : 'sweep';
    if (known.place > 0 && before !== known.lane) known.place = this.places += 1;
    this.settle();
  }

  add(key: string, lane: Lane): void {
    const known = this.of(key);
    known.gone = false;
    if (lane === 'hot') Object.assign(known, { failures: 0, untilMs: 0 });
    this.wish(known, lane, this.now);
  }

  addAfter(key: string, lane: Lane, delayMs: number): void {
    const known = this.of(key);
    if (!known.gone) this.wish(known, lane, this.now + delayMs);
  }

  retry(key: string, lane: Lane): number {
    const known = this.of(key);
    if (known.gone || (this.isDirty(known) && known.lane === 'hot')) return 0;
    known.failures += 1;
    const step = Math.min(1000 * 2 ** (known.failures - 1), 150_000);
    known.untilMs = this.now + step;
    if (known.lane === 'sweep')
      Object.assign(known, { lane: undefined, dueMs: undefined, place: 0 });
    this.wish(known, lane, known.untilMs);
    return (known.dueMs ?? 0) - this.now;
  }

  forget(key: string): void {
    Object.assign(this.of(key), { failures: 0, untilMs: 0 });
  }

  drop(key: string): void {
    const { underWay } = this.of(key);
    this.keys.delete(key);
    if (underWay) Object.assign(this.of(key), { underWay, gone: true });
  }

  take(): Turn<string> | undefined {
    this.settle();
    const line = (lane: Lane) =>
      [...this.keys.values()]
        .filter((known) => known.place > 0 && known.lane === lane && !known.underWay)
        .toSorted((a, b) => a.place - b.place);
    const [hot, sweep] = [line('hot'), line('sweep')];
    const swept = sweep.length > 0 && (hot.length === 0 || this.hotTurns === 7);
    const [known] = swept ? sweep : hot;
    if (!known) return undefined;
    this.hotTurns = swept || sweep.length === 0 ? 0 : this.hotTurns + 1;
    Object.assign(known, { lane: undefined, dueMs: undefined, place: 0, underWay: true });
    return { key: known.key, lane: swept ? 'sweep' : 'hot' };
  }

  done(key: string): void {
    Object.assign(this.of(key), { underWay: false, gone: false });
    this.settle();
  }

  dueAt(key: string): number | undefined {
    const { dueMs } = this.of(key);
    return dueMs !== undefined && dueMs > this.now ? dueMs : undefined;
  }

  size() {
    this.settle();
    const all = [...this.keys.values()];
    const inLane = (lane: Lane) =>
      all.filter((known) => known.place > 0 && known.lane === lane && !known.underWay).length;
    return {
      hot: inLane('hot'),
      sweep: inLane('sweep'),
      delayed: all.filter(({ dueMs }) => dueMs !== undefined && dueMs > this.now).length,
      processing: all.filter(({ underWay }) => underWay).length,
    };
  }
}

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const lane = fc.constantFrom<Lane>('hot', 'sweep');
const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), key, lane }),
  fc.record({ kind: fc.constant('addAfter' as const), key, lane, ms: fc.nat({ max: 3000 }) }),
  fc.record({ kind: fc.constant('retry' as const), key, lane }),
  fc.record({ kind: fc.constant('forget' as const), key }),
  fc.record({ kind: fc.constant('drop' as const), key }),
  fc.record({ kind: fc.constant('take' as const) }),
  fc.record({ kind: fc.constant('take' as const) }),
  fc.record({ kind: fc.constant('done' as const), nth: fc.nat({ max: 4 }) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.nat({ max: 3000 }) }),
);

type Step = (typeof step extends fc.Arbitrary<infer S> ? S : never) & object;

/** What a step tells, of the queue or of its model. */
function act(subject: Wishes<string> | Naive, move: Step, underWay: readonly string[]): unknown {
  switch (move.kind) {
    case 'add':
      subject.add(move.key, move.lane);
      return undefined;
    case 'addAfter':
      subject.addAfter(move.key, move.lane, move.ms);
      return undefined;
    case 'retry':
      return subject.retry(move.key, move.lane);
    case 'forget':
      subject.forget(move.key);
      return undefined;
    case 'drop':
      subject.drop(move.key);
      return undefined;
    case 'take':
      return subject.take();
    case 'done': {
      const ended = underWay[move.nth % Math.max(underWay.length, 1)];
      if (ended !== undefined) subject.done(ended);
      return ended;
    }
    case 'pass':
      return undefined;
  }
}

describe('the queue', () => {
  it('does whatever its contract, read naively, does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (moves) => {
        const clock = createVirtualClock();
        const queue = createWishes<string>({ clock, random: { next: () => 0 } });
        const model = new Naive();
        const underWay: string[] = [];

        for (const move of moves) {
          if (move.kind === 'pass') {
            await clock.advance(move.ms);
            model.now = clock.mono();
          }
          const [told, expected] = [act(queue, move, underWay), act(model, move, underWay)];
          expect(told).toEqual(expected);
          if (move.kind === 'take' && told) underWay.push((told as Turn<string>).key);
          if (move.kind === 'done' && told) underWay.splice(underWay.indexOf(told as string), 1);
          expect(new Set(underWay).size).toBe(underWay.length);
          expect(queue.size()).toEqual(model.size());
          for (const name of ['a', 'b', 'c', 'd', 'e']) {
            expect(queue.dueAt(name)).toBe(model.dueAt(name));
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
