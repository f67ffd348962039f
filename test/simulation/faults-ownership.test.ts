import { describe, expect, it } from 'vitest';
import { ReconcileError } from '../../src/core/words/errors.ts';
import type { FaultPlan } from '../../src/emulator/faults.ts';
import { createMemory } from '../../src/engine/read.ts';
import type { LedgerEntry, ReadPorts, WritePorts } from '../../src/ports/index.ts';
import {
  createScene,
  faultWorld,
  heldBy,
  recordCounts,
  writesIn,
  type Pass,
  type PassOptions,
  type Scene,
  type Wishes,
} from './faults-world.ts';

const target = {
  workspace: 'acme',
  miniProgram: 'coffee',
  version: '1.0.0',
  app: 'megapay',
  environment: 'Test',
} as const;
const bare: Wishes = { targets: { Test: '{ }' } };
const declared: Wishes = { targets: { Test: '{ merchantId: M-7 }' } };

type Ports = ReadPorts & WritePorts;

/** What a run tells the world that it wrote. */
interface Told {
  readonly history: LedgerEntry[];
  readonly written: string[];
}

function listening(told: Told, more: (ports: Ports) => Partial<Ports> = () => ({})) {
  return (ports: Ports): Ports => ({
    ...ports,
    ledger: {
      ...ports.ledger,
      append: (entry) => Promise.resolve(void told.history.push(entry)),
    },
    telemetry: { emit: (event) => event.kind === 'written' && told.written.push(event.requestId) },
    ...more(ports),
  });
}

function results({ outcomes }: Pass): readonly string[] {
  return outcomes.map(({ result }) => result);
}

function markOf({ host }: Scene): string | undefined {
  return host
    .world()
    .releases.toArray()
    .find(({ miniProgram }) => miniProgram === 'coffee')?.mark;
}

describe('somebody else’s record under the key we are about to create', () => {
  const theirs = { merchantId: 'M-SOMEBODY' };
  const same = { merchantId: 'M-7' };
  const lists: FaultPlan = {
    rules: [{ effect: 'staleList', operation: 'listReleases', times: 1 }],
  };

  interface Case {
    readonly name: string;
    readonly why: string;
    readonly wishes: Wishes;
    readonly config: Readonly<Record<string, string>>;
    readonly marks?: boolean;
    /** How we come to plan a create: the record appears after the list was read, or the list is old. */
    readonly hidden: 'meanwhile' | 'staleList';
    readonly next: string;
  }
  const cases: readonly Case[] = [
    {
      name: 'behind a stale list, where we declare nothing',
      why: 'every record holds nothing: only the mark tells whose it is',
      ...{ wishes: bare, config: theirs, hidden: 'staleList', next: 'Test adopt' },
    },
    {
      name: 'made meanwhile, where we declare nothing',
      why: 'every record holds nothing: only the mark tells whose it is',
      ...{ wishes: bare, config: theirs, hidden: 'meanwhile', next: 'Test adopt' },
    },
    {
      name: 'with the values we declare',
      why: 'equal values make it no record of ours',
      ...{ wishes: declared, config: same, hidden: 'staleList', next: 'Test adopt' },
    },
    {
      name: 'on a platform without marks, where we declare nothing',
      why: 'a record that holds more than was sent was not made by us',
      ...{ wishes: bare, config: theirs, hidden: 'staleList', next: 'Test unchanged' },
      marks: false,
    },
  ];

  it.each(cases)('$name: is not our create ($why)', async (scenario) => {
    const { wishes, config, hidden, marks = true, next } = scenario;
    const scene = createScene(faultWorld({ marks }), wishes);
    const select = (): void => scene.console({ action: 'selectTarget', ...target, config });
    if (hidden === 'staleList') select();
    const told: Told = { history: [], written: [] };
    const pass = await scene.pass({
      ...(hidden === 'staleList' ? { faults: lists } : { meanwhile: select }),
      wrap: listening(told),
    });

    expect(pass.planned).toEqual(['Test create']);
    const [outcome] = pass.outcomes;
    expect(results(pass)).toEqual(['skipped']);
    expect(outcome?.result === 'skipped' && outcome.why).toContain('somebody else');
    expect(told).toEqual({ history: [], written: [] });
    expect([heldBy(scene.host)['Test'], markOf(scene)]).toEqual([config, undefined]);

    const later = await scene.pass();

    expect(later.planned).toEqual([next]);
    expect(heldBy(scene.host)['Test']).toEqual(config);
    expect(recordCounts(scene.host)['coffee/1.0.0/megapay/Test']).toBe(1);
  });
});

describe('a write whose outcome is unknown', () => {
  /** Before the first write arrives, something else happens; the write itself is lost. */
  function lostAfter(first: () => void): (ports: Ports) => Partial<Ports> {
    let calls = 0;
    return ({ writer }) => ({
      writer: {
        write: async (write, id, signal) => {
          calls += 1;
          if (calls > 1) return writer.write(write, id, signal);
          first();
          throw new ReconcileError('OutcomeUnknown', 'the connection was cut');
        },
      },
    });
  }

  it('is not settled by a record without the mark that was sent, nor is the platform judged by it', async () => {
    const scene = createScene(faultWorld(), bare);
    const told: Told = { history: [], written: [] };
    const memory = createMemory();
    const config = { merchantId: 'M-SOMEBODY' };
    const select = (): void => scene.console({ action: 'selectTarget', ...target, config });

    const pass = await scene.pass({ memory, wrap: listening(told, lostAfter(select)) });

    expect(results(pass)).toEqual(['skipped']);
    expect(told).toEqual({ history: [], written: [] });
    expect(memory.storesMarks).toBe(true);
    const later = await scene.pass({ memory });
    expect([later.planned, results(later)]).toEqual([['Test adopt'], ['applied']]);
    expect(markOf(scene)).toBeDefined();
  });

  it('and was a mark alone: it is sent again, and marks go on to be used', async () => {
    const scene = createScene(faultWorld(), declared);
    const config = { merchantId: 'M-7' };
    scene.console({ action: 'selectTarget', ...target, config });
    const memory = createMemory();

    const pass = await scene.pass({
      memory,
      faults: { rules: [{ effect: 'dropBefore', operation: 'patchReleaseConfig', times: 1 }] },
    });

    expect([pass.planned, results(pass)]).toEqual([['Test adopt'], ['applied']]);
    expect(writesIn(pass.calls).map(({ http }) => http.performed)).toEqual([0, 1]);
    expect(memory.storesMarks).toBe(true);
    expect(markOf(scene)).toBeDefined();
  });

  it('is settled as ours by a record with the mark that was sent', async () => {
    const scene = createScene(faultWorld(), bare);
    const told: Told = { history: [], written: [] };

    const pass = await scene.pass({
      wrap: listening(told),
      faults: { rules: [{ effect: 'dropAfter', operation: 'createRelease', times: 1 }] },
    });

    expect(results(pass)).toEqual(['applied']);
    expect(told.history.map((each) => each.kind === 'attempt' && each.result)).toEqual(['applied']);
    expect(writesIn(pass.calls)).toHaveLength(1);
  });
});

describe('a platform that says it stores marks and stores none', () => {
  /** Drops the mark on its way, so that the platform's own answer lacks it. */
  const dropping: PassOptions['wrap'] = (ports) => ({
    ...ports,
    writer: {
      write: (write, id, signal) => {
        const { mark: _, ...rest } = write;
        return ports.writer.write(rest, id, signal);
      },
    },
  });

  it('is known by the answer to our own write', async () => {
    const scene = createScene(faultWorld(), declared);
    const memory = createMemory();

    const pass = await scene.pass({ memory, wrap: dropping });

    expect(results(pass)).toEqual(['applied']);
    expect(memory.storesMarks).toBe(false);
  });
});
