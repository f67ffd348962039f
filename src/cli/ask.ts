import { createInterface } from 'node:readline/promises';
import type { Session } from './session.ts';

/** `stopped`: Ctrl-C at the question, or a signal while it stood there. */
export type Reply = 'yes' | 'no' | 'stopped';

/**
 * Asks a person on the terminal; only `yes` is yes, and the end of the input is no. The question goes to stderr, so that
 * stdout holds results alone.
 */
export async function askYes({ stdin, stderr, signal }: Session, question: string): Promise<Reply> {
  const lines = createInterface({ input: stdin, output: stderr });
  const stop = new AbortController();
  const state = { interrupted: false };
  lines.on('SIGINT', () => {
    state.interrupted = true;
    stop.abort();
  });
  lines.on('close', () => {
    stop.abort();
  });
  try {
    const answer = await lines.question(question, {
      signal: AbortSignal.any([signal, stop.signal]),
    });
    return answer.trim() === 'yes' ? 'yes' : 'no';
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
    stderr.write('\n');
    return signal.aborted || state.interrupted ? 'stopped' : 'no';
  } finally {
    lines.close();
  }
}

/** Whether somebody is there to be asked. */
export function canAsk({ stdin, stderr }: Session): boolean {
  return stdin.isTTY && stderr.isTTY;
}
