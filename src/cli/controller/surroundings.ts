import type { Trouble } from '../../core/model/controller.ts';
import type { Telemetry, TelemetryEvent } from '../../ports/index.ts';
import { createMetrics, type Metrics } from '../../server/metrics.ts';
import { lazyLedger } from '../composition/ledger.ts';
import { createLogger } from '../composition/log.ts';
import { ordersIn, type OrdersInDirectory } from '../composition/orders.ts';
import { statusBoard, type FileStatusBoard } from '../composition/status-board.ts';
import type { Git } from '../../source/git/run.ts';
import { userOf } from '../orders/user.ts';
import type { Session } from '../session.ts';
import { systemClock } from '../system.ts';
import { createHints, type HintHub } from './hints.ts';

/** What lives as long as the process, whatever settings are in force. */
export interface ControllerSurroundings {
  readonly stateDir: string;
  readonly telemetry: Telemetry;
  readonly metrics: Metrics;
  readonly hints: HintHub;
  readonly board: FileStatusBoard;
  readonly orders: OrdersInDirectory;
  readonly ledger: ReturnType<typeof lazyLedger>;
  /** One for the whole process: sources of one URL wait for each other in it. */
  readonly git: Git;
  readonly configTrouble: { current: Trouble | undefined };
  readonly ledgerTrouble: { current: string | undefined };
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
  const ledgerTrouble: { current: string | undefined } = { current: undefined };
  const clock = systemClock;
  return {
    ...{ stateDir, telemetry, metrics, ledgerTrouble },
    hints: createHints(),
    board: statusBoard(stateDir, { clock, telemetry, signal }),
    orders: ordersIn(stateDir, { clock, telemetry, user: userOf(session) }),
    ledger: lazyLedger(stateDir, session),
    git,
    configTrouble: { current: undefined },
  };
}
