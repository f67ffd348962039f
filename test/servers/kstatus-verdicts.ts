import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

import { serverTool } from '../support/server-tools.ts';

export interface Verdict {
  readonly status: string;
  readonly message: string;
}

/** What the kstatus library says of each object, asked in one go. */
export async function verdictsOf(objects: readonly object[]): Promise<readonly Verdict[]> {
  const child = spawn(await serverTool('kstatus'), [], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(objects.map((object) => `${JSON.stringify(object)}\n`).join(''));
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Verdict);
}
