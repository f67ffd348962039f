import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';

import { askYes } from '../../../src/cli/ask.ts';
import type { Session } from '../../../src/cli/session.ts';

function asked(): {
  readonly stdin: PassThrough;
  readonly stop: AbortController;
  readonly shown: () => string;
  readonly reply: Promise<string>;
} {
  const [stdin, stderr, stop] = [new PassThrough(), new PassThrough(), new AbortController()];
  const session = { stdin, stderr, signal: stop.signal } as unknown as Session;
  return {
    stdin,
    stop,
    shown: () => String(stderr.read() ?? ''),
    reply: askYes(session, 'Write? '),
  };
}

describe('the question before writing', () => {
  it.each([
    { answer: 'yes\n', reply: 'yes', why: 'the one word that writes' },
    { answer: '  yes \n', reply: 'yes', why: 'spaces mean nothing' },
    { answer: 'y\n', reply: 'no', why: 'too easily typed' },
    { answer: 'Yes\n', reply: 'no', why: 'only "yes" does it, as the question says' },
    { answer: '\n', reply: 'no', why: 'a pasted line break is no consent' },
  ])('answered $answer: $reply', async ({ answer, reply, why }) => {
    const question = asked();

    question.stdin.write(answer);

    expect(await question.reply, why).toBe(reply);
    expect(question.shown()).toContain('Write? ');
  });

  it('is no at the end of the input (Ctrl-D)', async () => {
    const question = asked();

    question.stdin.end();

    expect(await question.reply).toBe('no');
  });

  it('is stopped by a signal', async () => {
    const question = asked();

    question.stop.abort('SIGINT');

    expect(await question.reply).toBe('stopped');
  });
});
