import type { OptionSpec } from './command.ts';
import type { Environment } from './environment.ts';
import { logLevels, type GlobalOptions, type LogLevel } from './session.ts';

/** Options every command understands. */
export const globalOptions: readonly OptionSpec[] = [
  {
    flags: '--connections <FILE>',
    description:
      'settings of the administrator; else FAIRLEAD_CONNECTIONS, else fairlead/connections.yaml in the configuration folder',
  },
  { flags: '--connection <NAME>', description: 'use only this PlatformConnection' },
  {
    flags: '--log-level <LEVEL>',
    description: 'how much goes to stderr: warn if omitted, of a running controller info',
    choices: logLevels,
  },
  { flags: '--no-color', description: 'no colours, also on a terminal (NO_COLOR does the same)' },
];

/** Reads the options every command has out of commander's. */
export function readGlobalOptions(
  options: Readonly<Record<string, unknown>>,
  environment: Environment,
  stdout: { readonly isTTY?: boolean },
): GlobalOptions {
  const { connections, connection, logLevel, color } = options;
  const wanted = color !== false && !environment.noColor;
  return {
    ...(typeof connections === 'string' ? { connections } : {}),
    ...(typeof connection === 'string' ? { connection } : {}),
    logLevel: isLogLevel(logLevel) ? logLevel : 'warn',
    isLogLevelGiven: isLogLevel(logLevel),
    color: wanted && (stdout.isTTY === true || environment.forceColor),
  };
}

function isLogLevel(value: unknown): value is LogLevel {
  return typeof value === 'string' && (logLevels as readonly string[]).includes(value);
}
