import { createInterface } from 'node:readline/promises';
import type { Session } from './session.ts';

/**
 * Asks a person on the terminal; only `yes` is yes. The question goes to stderr, so that stdout holds results alone.
 */
export async function askYes(
  { stdin, stderr, signal }: Session,
  question: string,
): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    const answer = await lines.question(question, { signal });
    return answer.trim().toLowerCase() === 'yes';
  } finally {
    lines.close();
  }
}

/** Whether somebody is there to be asked. */
export function canAsk({ stdin, stderr }: Session): boolean {
  return stdin.isTTY && stderr.isTTY;
}
