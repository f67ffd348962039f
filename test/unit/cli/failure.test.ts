import { describe, expect, it } from 'vitest';

import { CliError } from '../../../src/cli/exit.ts';
import { reportFailure } from '../../../src/cli/failure.ts';
import { readGlobalOptions } from '../../../src/cli/global-options.ts';
import type { LogLevel } from '../../../src/cli/session.ts';
import { ReconcileError } from '../../../src/core/words/errors.ts';
import { fakeSession } from '../../support/session.ts';

const bug = new TypeError('x is undefined');
const aborted = (reason: string) => AbortSignal.abort(reason);

describe('a failure of a command', () => {
  it.each([
    {
      name: 'an expected one',
      error: new CliError('Usage', 'no such thing', { nextStep: 'look' }),
      exit: 1,
      words: ['fairlead: no such thing', 'next: look'],
    },
    {
      name: 'one with its own exit code',
      error: new CliError('DeclarationsInvalid', 'invalid', { exit: 5 }),
      exit: 5,
      words: ['invalid'],
    },
    {
      name: 'one of the world',
      error: new ReconcileError('PlatformUnavailable', 'no answer', { nextStep: 'wait' }),
      exit: 1,
      words: ['no answer', 'next: wait'],
    },
    { name: 'a bug', error: bug, exit: 1, words: ['this is a bug', '--log-level debug'] },
    { name: 'something thrown that is no error', error: 'text', exit: 1, words: ['this is a bug'] },
  ])('$name: a sentence, a next step, an exit code', ({ error, exit, words }) => {
    const session = fakeSession();

    const code = reportFailure(error, session, {});

    expect(code).toBe(exit);
    for (const word of words) expect(session.said().stderr).toContain(word);
    expect(session.said().stderr).not.toMatch(/^\s+at /m);
    expect(session.said().stdout).toBe('');
  });

  it.each([
    { logLevel: 'warn', shown: false },
    { logLevel: 'debug', shown: true },
    { logLevel: 'trace', shown: true },
  ] as const)('a bug shows its stack at $logLevel: $shown', ({ logLevel, shown }) => {
    const session = fakeSession({}, { logLevel: logLevel satisfies LogLevel });

    reportFailure(bug, session, {});

    expect(/^\s+at /m.test(session.said().stderr)).toBe(shown);
  });

  it.each([
    { signal: 'SIGINT', exit: 130 },
    { signal: 'SIGTERM', exit: 143 },
  ])('$signal explains whatever broke off: $exit', ({ signal, exit }) => {
    const session = fakeSession({}, {}, aborted(signal));

    const code = reportFailure(new Error('aborted'), session, {});

    expect(code).toBe(exit);
    expect(session.said().stderr).toContain(`stopped by ${signal}`);
  });

  it.each(['json', 'sarif'])('is one JSON document with -o %s', (output) => {
    const session = fakeSession();
    const problem = { rule: 'r', severity: 'error', message: 'm' } as const;

    reportFailure(new CliError('Usage', 'no', { problems: [problem] }), session, { output });

    expect(JSON.parse(session.said().stdout)).toMatchObject({
      formatVersion: 1,
      kind: 'Error',
      error: { code: 'Usage', message: 'no', nextStep: null },
      problems: [{ rule: 'r', severity: 'error', message: 'm' }],
    });
  });
});

describe('colours', () => {
  const terminal = { isTTY: true };

  it.each([
    { name: 'a terminal', stdout: terminal, environment: {}, options: {}, expected: true },
    { name: 'a pipe', stdout: {}, environment: {}, options: {}, expected: false },
    {
      name: 'a terminal and NO_COLOR',
      stdout: terminal,
      environment: { noColor: true },
      options: {},
      expected: false,
    },
    {
      name: 'a terminal and --no-color',
      stdout: terminal,
      environment: {},
      options: { color: false },
      expected: false,
    },
    {
      name: 'a pipe and FORCE_COLOR',
      stdout: {},
      environment: { forceColor: true },
      options: {},
      expected: true,
    },
    {
      name: 'both variables',
      stdout: {},
      environment: { forceColor: true, noColor: true },
      options: {},
      expected: false,
    },
  ])('$name: $expected', ({ stdout, environment, options, expected }) => {
    const session = fakeSession(environment);

    expect(readGlobalOptions(options, session.environment, stdout).color).toBe(expected);
  });
});
