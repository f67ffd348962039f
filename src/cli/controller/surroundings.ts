import type { Trouble } from '../../core/model/controller.ts';
import type { Telemetry, TelemetryEvent } from '../../ports/index.ts';
import { createMetrics, type Metrics } from '../../server/metrics.ts';
import { lazyLedger, type LedgerHooks } from '../composition/ledger.ts';
import { createLogger } from '../composition/log.ts';
import { ordersIn, type OrdersInDirectory } from '../composition/orders.ts';
import type { Acquaintance } from '../composition/platform.ts';
import { statusBoard, type FileStatusBoard } from '../composition/status-board.ts';
import type { Told } from '../../reconcile/loop.ts';
import type { Git } from '../../source/git/run.ts';
import { userOf } from '../orders/user.ts';
import type { Session } from '../session.ts';
import { systemClock } from '../system.ts';
import { completedStore, type CompletedStore } from './completed-store.ts';
import { createHints, type HintHub } from './hints.ts';

/** What lives as long as the process, whatever settings are in force. */
export interface ControllerSurroundings {
  readonly stateDir: string;
  readonly telemetry: Telemetry;
  readonly metrics: Metrics;
  readonly hints: HintHub;
  readonly board: FileStatusBoard;
  readonly completed: CompletedStore;
  readonly orders: OrdersInDirectory;
  readonly ledger: ReturnType<typeof lazyLedger>;
  /** One for the whole process: sources of one URL wait for each other in it. */
  readonly git: Git;
  /** What a platform asked for, cannot do or disagrees about outlives the settings it is reached by. */
  readonly acquaintances: Map<string, Acquaintance>;
  /** What the log and history know already. */
  readonly told: Told;
  readonly configTrouble: { current: Trouble | undefined };
}

export function openSurroundings(
  session: Session,
  { stateDir, git }: Pick<ControllerSurroundings, 'stateDir' | 'git'>,
  signal: AbortSignal,
): ControllerSurroundings {
  const metrics = createMetrics();
  const { logLevel, isLogLevelGiven } = session.options;
  const log = createLogger(isLogLevelGiven ? logLevel : 'info', session.stderr);
  const telemetry: Telemetry = {
    emit(event: TelemetryEvent) {
      log(event);
      metrics.observe(event);
    },
  };
  const clock = systemClock;
  return {
    ...{ stateDir, telemetry, metrics },
    hints: createHints(),
    board: statusBoard(stateDir, { clock, telemetry, signal }),
    completed: completedStore(stateDir, { clock, telemetry, signal }),
    orders: ordersIn(stateDir, { clock, telemetry, user: userOf(session) }),
    ledger: lazyLedger(stateDir, session, tellingLedger(telemetry)),
    git,
    acquaintances: new Map(),
    told: { orders: new Set(), commits: new Map() },
    configTrouble: { current: undefined },
  };
}

/** Trouble with history is told once when it begins and once when it ends. */
function tellingLedger(telemetry: Telemetry): LedgerHooks {
  const tell = (state: string, message: string): void =>
    telemetry.emit({ kind: 'condition', about: 'ledger', name: 'ledger', state, message });
  return {
    onTrouble: (message) => tell('Failing', message),
    onRecovered: (lost) =>
      tell(
        'Ready',
        lost === 0
          ? 'history is kept again'
          : `history is kept again; ${String(lost)} entries are lost`,
      ),
  };
}
