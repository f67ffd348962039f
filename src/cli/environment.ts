import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the process was started with, read once. No other file reads `process.env`. */
export interface Environment {
  readonly connectionsFile: string | undefined;
  /** Default place of the connections file; never the working directory. */
  readonly defaultConnectionsFile: string;
  /** Where state of this user is kept when no `--state` is given. */
  readonly defaultStateDir: string;
  readonly noColor: boolean;
  readonly forceColor: boolean;
  /** For secrets that Settings map to variables of the process; handed to the secret store alone. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

export function readEnvironment(): Environment {
  const variables = { ...process.env };
  const config = variables['XDG_CONFIG_HOME'] ?? join(homedir(), '.config');
  const state = variables['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state');
  return Object.freeze({
    connectionsFile: nonEmpty(variables['FAIRLEAD_CONNECTIONS']),
    defaultConnectionsFile: join(config, 'fairlead', 'connections.yaml'),
    defaultStateDir: join(state, 'fairlead'),
    noColor: nonEmpty(variables['NO_COLOR']) !== undefined || variables['TERM'] === 'dumb',
    forceColor:
      nonEmpty(variables['FORCE_COLOR']) !== undefined && variables['FORCE_COLOR'] !== '0',
    variables: Object.freeze(variables),
  });
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
