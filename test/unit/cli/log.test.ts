import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { afterEach, describe, expect, it } from 'vitest';

import { createLogger } from '../../../src/cli/composition/log.ts';
import { lineOf } from '../../../src/cli/composition/log-lines.ts';
import { createRepeats } from '../../../src/cli/composition/log-repeats.ts';
import { textOf } from '../../../src/cli/composition/log-text.ts';
import type { LogLevel } from '../../../src/cli/session.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import type { TelemetryEvent } from '../../../src/ports/index.ts';
import { findLeaks } from '../../support/leaks.ts';

const script = fileURLToPath(new URL('../../support/log-process.ts', import.meta.url));
const program = { platform: 'mpp', workspace: 'w', miniProgram: '1' };
const key = { ...program, version: '2.5.0', app: 'megapay', environment: 'Production' } as const;
const noon = epochMs(1_767_268_800_000);

const failed: TelemetryEvent = { kind: 'failed', key, code: 'PlatformRefused', message: 'no' };
const written: TelemetryEvent = { kind: 'written', key, action: 'update', requestId: 'r1' };
const condition = (state: string, message: string): TelemetryEvent => ({
  ...{ kind: 'condition', about: 'source', name: 'shop', state },
  trouble: { code: 'SourceUnavailable', message, nextStep: 'wait' },
});

describe('the line of an event', () => {
  it.each<{ name: string; why: string; event: TelemetryEvent; expected: object }>([
    {
      name: 'a written release',
      why: 'one line at info per changed release',
      event: written,
      expected: {
        level: 'info',
        message: 'release written',
        fields: {
          release: 'mpp/w/1/2.5.0/megapay/Production',
          action: 'update',
          requestId: 'r1',
        },
      },
    },
    {
      name: 'a written global configuration',
      why: 'its key is the program’s',
      event: { kind: 'written', key: program, action: 'update', requestId: 'r1' },
      expected: {
        level: 'info',
        message: 'global configuration written',
        fields: { program: 'mpp/w/1', action: 'update', requestId: 'r1' },
      },
    },
    {
      name: 'a pass without a change',
      why: 'nothing at info for what is unchanged',
      event: { kind: 'pass', program, lane: 'sweep', result: 'InSync', writes: 0, ms: 3.14 },
      expected: {
        level: 'debug',
        message: 'pass ended',
        fields: { program: 'mpp/w/1', lane: 'sweep', result: 'InSync', writes: 0, ms: 3 },
      },
    },
    {
      name: 'a failed change',
      why: 'its text is a field: the message is static',
      event: failed,
      expected: {
        level: 'error',
        message: 'change failed',
        fields: {
          release: 'mpp/w/1/2.5.0/megapay/Production',
          code: 'PlatformRefused',
          error: 'no',
        },
      },
    },
    {
      name: 'trouble',
      why: 'a warning, with what to do',
      event: condition('Failing', 'the repository does not answer'),
      expected: {
        level: 'warn',
        message: 'condition',
        fields: {
          about: 'source',
          name: 'shop',
          state: 'Failing',
          code: 'SourceUnavailable',
          said: 'the repository does not answer',
          nextStep: 'wait',
        },
      },
    },
    {
      name: 'the end of trouble',
      why: 'good news is no warning',
      event: { kind: 'condition', about: 'source', name: 'shop', state: 'Ready' },
      expected: {
        level: 'info',
        message: 'condition',
        fields: { about: 'source', name: 'shop', state: 'Ready' },
      },
    },
    {
      name: 'an order',
      why: 'who said what',
      event: {
        kind: 'order',
        order: { kind: 'suspend', id: 'o1', at: noon, by: 'ana', reason: 'audit' },
      },
      expected: {
        level: 'info',
        message: 'order taken',
        fields: {
          order: 'suspend',
          id: 'o1',
          at: '2026-01-01T12:00:00.000Z',
          by: 'ana',
          reason: 'audit',
        },
      },
    },
  ])('tells $name', ({ event, expected, why }) => {
    const { level, message, fields } = lineOf(event);

    expect({ level, message, fields }, why).toEqual(expected);
  });

  it('holds no credential of a URL, wherever it stands', () => {
    const secret = 'canary-3f9c';
    const url = `https://bot:${secret}@git.example.com/shop.git`;
    const events: readonly TelemetryEvent[] = [
      condition('Failing', `cannot read ${url}`),
      { kind: 'condition', about: 'webhook', name: url, state: url, message: url },
      { kind: 'ignored', what: url, why: url },
      { ...failed, message: `${url} and ${url}` },
      { kind: 'look', source: 'shop', code: url, ms: 1 },
      {
        ...{ kind: 'commit', source: 'shop', documents: 1, programs: 1 },
        commit: { id: 'f00', author: url, subject: `use ${url}` },
      },
      {
        kind: 'order',
        order: { kind: 'approve', id: 'o', at: noon, by: 'ana', asked: url, ids: [url as never] },
      },
    ];
    const json = logged(false, 'trace', events);
    const text = logged(true, 'trace', events);

    expect(json.split('\n').length).toBe(events.length + 1);
    expect(json).toContain('https://git.example.com/shop.git');
    expect(text).toContain('https://git.example.com/shop.git');
    const sinks = new Map([
      ['json', Buffer.from(json)],
      ['text', Buffer.from(text)],
    ]);
    expect(findLeaks(sinks, { secret })).toEqual([]);
  });
});

/** What a log writes of events to a stream that is, or is not, a terminal. */
function logged(isTTY: boolean, level: LogLevel, events: readonly TelemetryEvent[]): string {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const log = createLogger(level, Object.assign(stream, { isTTY }) as never);
  for (const event of events) log(event);
  return text;
}

describe('a log', () => {
  it('tells the same problem once, until it is another one or over', () => {
    const repeats = createRepeats();
    const down = condition('Failing', 'it does not answer');
    const ready: TelemetryEvent = {
      kind: 'condition',
      about: 'source',
      name: 'shop',
      state: 'Ready',
    };
    const events = [
      ...[failed, failed, written, failed],
      ...[down, down, condition('Failing', 'it asks for a password'), ready, ready, down],
    ];

    const levels = events.map((event) => repeats(lineOf(event)).level);

    expect(levels).toEqual([
      ...['error', 'debug', 'info', 'error'],
      ...['warn', 'debug', 'warn', 'info', 'debug', 'warn'],
    ]);
  });

  it('tells nothing of programs whose life is ordinary, and the end of what was not', () => {
    const repeats = createRepeats();
    const states = [
      'InSync',
      'Pending',
      'InSync',
      'Held',
      'InSync',
      'Pending',
      'Failing',
      'Pending',
    ];
    const events = states.map((state): TelemetryEvent => ({
      kind: 'condition',
      about: 'program',
      name: 'mpp/w/1',
      state,
    }));

    const told = events.filter((event) => repeats(lineOf(event)).level !== 'debug');

    expect(told.map((event) => event.kind === 'condition' && event.state)).toEqual([
      ...['Held', 'InSync'],
      ...['Failing', 'Pending'],
    ]);
  });

  it('tells every write, also where many are alike', () => {
    const repeats = createRepeats();
    const again: TelemetryEvent = { ...written, requestId: 'r2' };

    expect([written, again, written].map((event) => repeats(lineOf(event)).level)).toEqual([
      'info',
      'info',
      'info',
    ]);
  });

  it.each<{ level: LogLevel; expected: number }>([
    { level: 'error', expected: 1 },
    { level: 'warn', expected: 2 },
    { level: 'info', expected: 3 },
    { level: 'debug', expected: 4 },
  ])('writes from the level $level on, in both forms', ({ level, expected }) => {
    const events: readonly TelemetryEvent[] = [
      failed,
      condition('Failing', 'x'),
      { ...written, key: program },
      { kind: 'call', operation: 'getRelease', code: 'S', ms: 1 },
    ];

    const lines = [false, true].map((isTTY) => logged(isTTY, level, events).split('\n').length - 1);

    expect(lines).toEqual([expected, expected]);
  });

  it('is JSON with a moment, a level in words, and a message that is always the same', () => {
    const { time, ...line } = JSON.parse(logged(false, 'info', [written]));

    expect(line).toEqual({
      level: 'info',
      msg: 'release written',
      release: 'mpp/w/1/2.5.0/megapay/Production',
      action: 'update',
      requestId: 'r1',
    });
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('is one line of text on a terminal, in which nothing acts on it', () => {
    const event: TelemetryEvent = {
      ...{ kind: 'commit', source: 'shop', documents: 1, programs: 2 },
      commit: { id: 'f00', subject: 'a "b"\u001b[2J\n\u202ec' },
    };

    expect(textOf(lineOf(event), noon)).toBe(
      '12:00:00 INFO  commit in force source=shop documents=1 programs=2 ' +
        'commit={"id":"f00","subject":"a \\"b\\"\\u001b[2J\\n\\u{202e}c"}\n',
    );
    expect(textOf(lineOf({ kind: 'ignored', what: 'a\u0007b', why: 'x' }), noon)).toBe(
      '12:00:00 WARN  left out what=a\\u{0007}b why=x\n',
    );
  });
});

describe('a log that cannot be written', () => {
  const directories: string[] = [];
  afterEach(async () => {
    for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
  });

  async function scene(): Promise<{ readonly file: string }> {
    const directory = await mkdtemp(join(tmpdir(), 'fairlead-log-'));
    directories.push(directory);
    return { file: join(directory, 'lines') };
  }

  it('ends nothing when its reader went away', async () => {
    const { file } = await scene();

    const child = spawn(process.execPath, [script, file], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.once('data', () => child.stderr.destroy());
    const [code] = await once(child, 'exit');

    expect(code).toBe(0);
    expect(await readFile(file, 'utf8')).toBe('50');
  });

  it('ends nothing when the disk is full', async () => {
    const { file } = await scene();

    const full = await open('/dev/full', 'w');
    const child = spawn(process.execPath, [script, file], { stdio: ['ignore', 'ignore', full.fd] });
    const [code] = await once(child, 'exit');
    await full.close();

    expect(code).toBe(0);
    expect(await readFile(file, 'utf8')).toBe('50');
  });
});
