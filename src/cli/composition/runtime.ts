import { dirname, resolve } from 'node:path';
import type { DesiredProgram } from '../../core/model/desired.ts';
import type { SourceDocuments } from '../../core/model/documents.ts';
import { createSecretMap } from '../../secrets/map.ts';
import type { Telemetry } from '../../ports/index.ts';
import { CliError } from '../exit.ts';
import type { Session } from '../session.ts';
import type { Administration } from '../settings.ts';
import { systemClock, systemRandom } from '../system.ts';
import { encryptedIn, withinPath } from './encrypted-documents.ts';
import { lazyLedger } from './ledger.ts';
import { byConnection, createLine, type Line, type LineSettings } from './pass.ts';
import { openPlatform, type OpenPlatform } from './platform.ts';
import { createTelemetry } from './telemetry.ts';

export interface RuntimeOptions {
  readonly administration: Administration;
  readonly programs: readonly DesiredProgram[];
  /** Whose encrypted documents may be opened: what was read, of every source. */
  readonly sources: readonly SourceDocuments[];
  /** Beside those of the settings. */
  readonly takeOver: readonly string[];
  readonly stateDir: string | undefined;
}

/** Calls made so far, as the driver counted them. */
export interface CallCount {
  readonly reads: number;
  readonly writes: number;
}

/** Everything open for one command; `close` ends it all. */
export interface Runtime {
  readonly lines: readonly { readonly line: Line; readonly programs: readonly DesiredProgram[] }[];
  readonly settings: LineSettings;
  readonly calls: () => CallCount;
  readonly close: () => Promise<void>;
}

const writes: ReadonlySet<string> = new Set([
  'createRelease',
  'patchReleaseConfig',
  'patchGlobalConfig',
]);

/** Opens the connections that the desired programs go through, and nothing else. */
export async function openRuntime(session: Session, options: RuntimeOptions): Promise<Runtime> {
  const { administration, programs } = options;
  const { telemetry, done } = await createTelemetry(session);
  const counted = countCalls(telemetry);
  const surroundings = {
    administration,
    values: {
      env: session.environment.variables,
      directory: dirname(resolve(administration.file)),
    },
    clock: systemClock,
    telemetry: counted.telemetry,
  };
  const groups = byConnection(programs);
  const opened: OpenPlatform[] = [];
  try {
    for (const [name] of groups) {
      opened.push(await openPlatform(connectionNamed(administration, name), surroundings));
    }
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
  const spec = administration.settings;
  const secrets = createSecretMap({
    ...surroundings.values,
    // Settings for a controller configure a store, if an empty one: what nobody mapped is unavailable.
    mappings: spec.secrets ?? (administration.sources.length > 0 ? [] : undefined),
    identities: spec.ageIdentities,
    encrypted: withinPath(administration.sources, encryptedIn(options.sources, process.cwd())),
    needsFor: administration.sources.length > 0,
    connections: Object.fromEntries(opened.map(({ connection, keys }) => [connection.name, keys])),
  });
  const ledger = lazyLedger(options.stateDir ?? session.environment.defaultStateDir, session);
  const settings: LineSettings = {
    installation: spec.installation ?? 'default',
    takeOver: [...(spec.takeOver ?? []), ...options.takeOver],
  };
  const ports = {
    secrets,
    ledger,
    clock: systemClock,
    random: systemRandom,
    telemetry: counted.telemetry,
  };
  return {
    lines: groups.flatMap(([, desired], index) => {
      const platform = opened[index];
      return platform ? [{ line: createLine(platform, ports, settings), programs: desired }] : [];
    }),
    settings,
    calls: counted.calls,
    close: async () => {
      done();
      ledger.close();
      await closeAll(opened);
    },
  };
}

function connectionNamed(administration: Administration, name: string) {
  const found = administration.connections.find((connection) => connection.name === name);
  if (found) return found;
  throw new CliError('ConnectionNotFound', `no PlatformConnection is named ${name}`, {
    nextStep: `add it to ${administration.file}, or name another in spec.connection`,
  });
}

async function closeAll(opened: readonly OpenPlatform[]): Promise<void> {
  await Promise.all(opened.map(({ close }) => close()));
}

function countCalls(inner: Telemetry): {
  readonly telemetry: Telemetry;
  readonly calls: () => CallCount;
} {
  const count = { reads: 0, writes: 0 };
  return {
    telemetry: {
      emit: (event) => {
        // Asked once per connection and process: no part of what a pass costs.
        if (event.kind === 'call' && event.operation !== 'getPlatform') {
          count[writes.has(event.operation) ? 'writes' : 'reads'] += 1;
        }
        inner.emit(event);
      },
    },
    calls: () => ({ ...count }),
  };
}
