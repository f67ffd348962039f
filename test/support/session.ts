import { PassThrough } from 'node:stream';

import type { Environment } from '../../src/cli/environment.ts';
import type { GlobalOptions, Session } from '../../src/cli/session.ts';

export interface FakeSession extends Session {
  /** What was written so far. */
  readonly said: () => { readonly stdout: string; readonly stderr: string };
}

/** A run of a command without a process: streams that remember. */
export function fakeSession(
  environment: Partial<Environment> = {},
  options: Partial<GlobalOptions> = {},
  signal: AbortSignal = new AbortController().signal,
): FakeSession {
  const [stdout, stderr] = [recorder(), recorder()];
  return {
    environment: {
      connectionsFile: undefined,
      defaultConnectionsFile: '/nowhere/connections.yaml',
      defaultStateDir: '/nowhere/state',
      noColor: false,
      forceColor: false,
      variables: {},
      ...environment,
    },
    options: { logLevel: 'warn', isLogLevelGiven: false, color: false, ...options },
    stdout: stdout.stream,
    stderr: stderr.stream,
    stdin: new PassThrough() as unknown as NodeJS.ReadStream,
    signal,
    said: () => ({ stdout: stdout.text(), stderr: stderr.text() }),
  };
}

function recorder(): { readonly stream: NodeJS.WriteStream; readonly text: () => string } {
  const chunks: Buffer[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}
