import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { readStatus, statusBoard } from '../../../src/cli/composition/status-board.ts';
import type { ControllerStatus } from '../../../src/core/model/controller.ts';
import type { TelemetryEvent } from '../../../src/ports/index.ts';
import {
  changeId,
  controllerStatus,
  heldStatus,
  programStatus,
  sourceStatus,
} from '../../support/controller-status.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

async function place() {
  const dir = await mkdtemp(join(tmpdir(), 'fairlead-status-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
  return dir;
}

async function board(dir: string) {
  const clock = createVirtualClock();
  const stop = new AbortController();
  onTestFinished(() => {
    stop.abort();
  });
  const told: TelemetryEvent[] = [];
  const shown = statusBoard(dir, {
    clock,
    telemetry: { emit: (event) => told.push(event) },
    signal: stop.signal,
  });
  let made = 0;
  return {
    ...shown,
    clock,
    told,
    stop: () => {
      stop.abort();
    },
    /** How often a file was due. */
    made: () => made,
    say: (version: string, more: Partial<ControllerStatus> = {}) => {
      shown.changed(() => {
        made += 1;
        return controllerStatus({ version, ...more });
      });
    },
    pass: async (ms: number) => {
      await clock.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** What stands in the file, once the disk has it. */
async function eventually(dir: string, version: string): Promise<ControllerStatus> {
  return vi.waitFor(async () => {
    const status = await readStatus(dir);
    expect(status.version).toBe(version);
    return status;
  });
}

describe('the status of a controller in its state directory', () => {
  it('is written at once when the first thing is said, for its owner alone', async () => {
    const dir = await place();
    const { say, pass } = await board(dir);

    say('1');
    await pass(0);

    const status = await eventually(dir, '1');
    expect(status).toEqual(controllerStatus({ version: '1' }));
    expect((await stat(join(dir, 'status.json'))).mode & 0o777).toBe(0o600);
  });

  it('is written once a second while much is said, and ends with the last word', async () => {
    const dir = await place();
    const { say, pass, made } = await board(dir);
    say('1');
    await pass(0);
    await eventually(dir, '1');

    for (let word = 2; word <= 20; word += 1) {
      say(String(word));
      await pass(50);
    }
    expect(made(), 'still within the first second').toBe(1);
    await pass(50);
    await eventually(dir, '20');
    say('21');
    await pass(999);
    expect(made(), 'still within the second one').toBe(2);
    await pass(1);

    await eventually(dir, '21');
    expect(made()).toBe(3);
  });

  it('costs nothing while nothing is said, but for a sign of life every ten seconds', async () => {
    const dir = await place();
    const { say, pass, made, clock } = await board(dir);
    say('1');
    await pass(0);
    const start = (await eventually(dir, '1')).at;

    for (const beat of [1, 2, 3]) {
      await pass(9_999);
      expect(made()).toBe(beat);
      await pass(1);
      await vi.waitFor(async () => {
        expect((await readStatus(dir)).at).toBe(start + beat * 10_000);
      });
    }

    expect(made()).toBe(4);
    expect(clock.wall() - start).toBe(30_000);
  });

  it('beats ten seconds after the last write, whatever that was for', async () => {
    const dir = await place();
    const { say, pass, made } = await board(dir);
    say('1');
    await pass(0);
    await eventually(dir, '1');
    await pass(6_000);
    say('2');
    await pass(0);
    await eventually(dir, '2');

    await pass(9_999);
    expect(made()).toBe(2);
    await pass(1);

    await vi.waitFor(() => {
      expect(made()).toBe(3);
    });
  });

  it('makes anew only what became another', async () => {
    const dir = await place();
    let texts = 0;
    const program = {
      ...programStatus({ name: 'coffee', id: '1' }),
      toJSON() {
        texts += 1;
        return programStatus({ name: 'coffee', id: '1' });
      },
    };
    const other = programStatus({ name: 'books', id: '2' });
    const { say, pass } = await board(dir);

    say('1', { programs: [program, other] });
    await pass(0);
    await eventually(dir, '1');
    say('2', { programs: [program, { ...other, state: 'Failing' }] });
    await pass(1_000);

    const { programs } = await eventually(dir, '2');
    expect(programs.map(({ names, state }) => [names[0], state])).toEqual([
      ['coffee', 'InSync'],
      ['books', 'Failing'],
    ]);
    expect(texts).toBe(1);
  });

  it('goes on when the disk does, and tells once of each time that it did not', async () => {
    const dir = join(await place(), 'state');
    await writeFile(dir, 'no room');
    const { say, pass, told, flush } = await board(dir);
    say('1');
    await flush();
    say('2');
    await flush();
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ kind: 'ignored', what: 'status.json' });

    await rm(dir);
    await pass(10_000);

    await eventually(dir, '2');
    expect(told).toHaveLength(1);
    await rm(dir, { recursive: true });
    await writeFile(dir, 'no room again');
    await flush();
    expect(told).toHaveLength(2);
  });

  it('shows what stands last when the controller ends', async () => {
    const dir = await place();
    const { say, pass, flush, stop, made } = await board(dir);
    say('1');
    await pass(0);
    say('2');
    stop();

    await flush();
    await pass(60_000);

    expect((await readStatus(dir)).version).toBe('2');
    expect(made()).toBe(2);
  });

  it('is what stands now for whoever asks', async () => {
    const { latest, say, clock, flush } = await board(await place());
    expect(latest()).toBeUndefined();
    await flush();
    say('1');
    await clock.advance(1_234);

    expect(latest()).toEqual(controllerStatus({ version: '1', at: clock.wall() }));
  });

  it('tells of a status that cannot be made, and lives', async () => {
    const { changed, flush, told } = await board(await place());
    changed(() => {
      throw new Error('a bug');
    });

    await expect(flush()).resolves.toBeUndefined();

    expect(told).toHaveLength(1);
  });
});

describe('reading a status', () => {
  it('takes everything a controller may say', async () => {
    const dir = await place();
    const trouble = { code: 'SourceUnavailable', message: 'no answer', nextStep: 'wait' } as const;
    const { at } = controllerStatus();
    const commit = { id: 'abc', author: 'Ann <ann@example.com>', subject: 'Change', at };
    const [connection] = controllerStatus().connections;
    const full = controllerStatus({
      config: { file: 'f', loadedAt: at, trouble },
      sources: [
        sourceStatus({
          state: 'Rewound',
          changeId: changeId('a'),
          trouble,
          commit,
          completed: 'abc',
          problems: ['a.yaml:1: wrong'],
          problemCount: 1,
          lookedAt: at,
          nextLookAt: at,
        }),
      ],
      connections: [
        { ...connection!, state: 'Failing', trouble, sweptAt: at, nextSweepAt: at, rateNow: 0.5 },
      ],
      programs: [
        programStatus(
          { name: 'coffee', id: '1' },
          {
            state: 'Held',
            message: 'held',
            trouble,
            held: [heldStatus(changeId('b'))],
            blocked: [{ where: 'global', reasons: ['Contended'], nextStep: 'talk' }],
            changeId: changeId('c'),
            pendingSince: at,
            plannedAt: at,
            nextAt: at,
          },
        ),
      ],
      suspended: { reason: 'maintenance', by: 'ann', until: at },
      ledgerTrouble: 'the disk is full',
    });
    await writeFile(join(dir, 'status.json'), JSON.stringify(full));

    expect(await readStatus(dir)).toEqual(full);
  });

  it('lets a newer controller say more, in words of its own', async () => {
    const dir = await place();
    const held = { ...heldStatus(changeId('a')), reason: 'MoonIsFull', mood: 'good' };
    const program = { ...programStatus({ name: 'coffee', id: '1' }), held: [held] };
    await writeFile(
      join(dir, 'status.json'),
      JSON.stringify({ ...controllerStatus(), programs: [program], weather: 'fair' }),
    );

    expect((await readStatus(dir)).programs[0]?.held[0]?.reason).toBe('MoonIsFull');
  });

  it.each([
    { name: 'none', text: undefined, code: 'StatusNotFound' },
    { name: 'half of one', text: '{"formatVersion": 1, "ki', code: 'StatusUnreadable' },
    { name: 'an empty file', text: '', code: 'StatusUnreadable' },
    {
      name: 'something else',
      text: '{"kind": "Plan", "formatVersion": 1}',
      code: 'StatusUnreadable',
    },
    { name: 'a list', text: '[]', code: 'StatusUnreadable' },
    { name: 'null', text: 'null', code: 'StatusUnreadable' },
    {
      name: 'one of a later version',
      text: JSON.stringify({ ...controllerStatus(), formatVersion: 2, programs: 'many' }),
      code: 'StatusForeign',
    },
    {
      name: 'one with a hole in it',
      text: JSON.stringify({ ...controllerStatus(), programs: undefined }),
      code: 'StatusUnreadable',
    },
  ])('$name: $code', async ({ text, code }) => {
    const dir = await place();
    if (text !== undefined) await writeFile(join(dir, 'status.json'), text);

    await expect(readStatus(dir)).rejects.toMatchObject({ code, exit: 1 });
  });

  it('a folder in its place', async () => {
    const dir = await place();
    await mkdir(join(dir, 'status.json'));

    await expect(readStatus(dir)).rejects.toMatchObject({ code: 'StatusUnreadable' });
    await expect(readFile(join(dir, 'status.json.new'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
