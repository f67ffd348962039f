import type { Environment } from './environment.ts';

export const logLevels = ['error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Options every command has. */
export interface GlobalOptions {
  readonly connections?: string;
  readonly connection?: string;
  readonly logLevel: LogLevel;
  /** Somebody chose the level: no command has a better one. */
  readonly isLogLevelGiven: boolean;
  readonly color: boolean;
}

/** One run of one command: its streams, its surroundings and the wish to stop. */
export interface Session {
  readonly environment: Environment;
  readonly options: GlobalOptions;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  /** Aborted by SIGINT or SIGTERM: finish the call under way, start none. */
  readonly signal: AbortSignal;
}

/** Which signal asked to stop; undefined while none did. */
export function stoppedBy(signal: AbortSignal): 'SIGINT' | 'SIGTERM' | undefined {
  if (!signal.aborted) return undefined;
  return signal.reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT';
}
