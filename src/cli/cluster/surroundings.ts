import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControllerStatus, Trouble } from '../../core/model/controller.ts';
import { noLedger } from '../../ledger/ledger.ts';
import type { StatusBoard } from '../../ports/controller.ts';
import type { Completed, Told } from '../../reconcile/ports.ts';
import type { Ledger, Telemetry, TelemetryEvent } from '../../ports/index.ts';
import { createMetrics, type Metrics } from '../../server/metrics.ts';
import { createLogger } from '../composition/log.ts';
import type { Acquaintance } from '../composition/platform.ts';
import { createHints, type HintHub } from '../controller/hints.ts';
import type { Session } from '../session.ts';
import { systemClock } from '../system.ts';

/** What lives as long as the process, whatever settings and connections are in force. */
export interface ClusterSurroundings {
  /** Mirrors of repositories, and nothing that has to outlive the process. */
  readonly directory: string;
  readonly telemetry: Telemetry;
  readonly metrics: Metrics;
  readonly hints: HintHub;
  readonly board: StatusBoard & { latest(): ControllerStatus | undefined };
  readonly completed: Completed;
  readonly history: Ledger & { readonly trouble?: string | undefined };
  readonly acquaintances: Map<string, Acquaintance>;
  readonly told: Told;
  readonly trouble: { current: Trouble | undefined };
  readonly close: () => Promise<void>;
}

/** @param stateDir  absent: a folder of its own, which goes with the process; then no history is kept */
export async function openClusterSurroundings(
  session: Session,
  stateDir: string | undefined,
): Promise<ClusterSurroundings> {
  const directory = stateDir ?? (await mkdtemp(join(tmpdir(), 'fairlead-')));
  const metrics = createMetrics();
  const { logLevel, isLogLevelGiven } = session.options;
  const log = createLogger(isLogLevelGiven ? logLevel : 'info', session.stderr);
  const telemetry: Telemetry = {
    emit(event: TelemetryEvent) {
      log(event);
      metrics.observe(event);
    },
  };
  const ledger = stateDir === undefined ? undefined : await openHistory(session, stateDir);
  return {
    ...{ directory, metrics, telemetry },
    hints: createHints(),
    board: memoryBoard(),
    completed: memoryCompleted(),
    history: ledger ?? noLedger(),
    acquaintances: new Map(),
    told: { orders: new Set(), commits: new Map() },
    trouble: { current: undefined },
    async close() {
      metrics.close();
      ledger?.close();
      if (stateDir === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}

async function openHistory(session: Session, stateDir: string) {
  const { lazyLedger } = await import('../composition/ledger.ts');
  return lazyLedger(stateDir, session);
}

/** In a cluster people look at the objects; the status is made for readiness and metrics when somebody asks. */
function memoryBoard(): ClusterSurroundings['board'] {
  let make: (() => ControllerStatus) | undefined;
  return {
    changed(status) {
      make = status;
    },
    latest: () => make && { ...make(), at: systemClock.wall() },
  };
}

function memoryCompleted(): Completed {
  let digests: Readonly<Record<string, string>> | undefined;
  return {
    read: () => Promise.resolve(digests),
    write(next) {
      digests = next;
      return Promise.resolve();
    },
  };
}
