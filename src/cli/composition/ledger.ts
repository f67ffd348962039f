import { join } from 'node:path';
import { openLedger, type OpenLedger } from '../../ledger/ledger.ts';
import type { Ledger } from '../../ports/index.ts';
import type { Session } from '../session.ts';

/** The ledger of a state directory. */
export function ledgerFile(stateDir: string): string {
  return join(stateDir, 'ledger.db');
}

/** A ledger that says how it is. */
export interface LazyLedger extends Ledger {
  /** Why history is not kept right now. */
  readonly trouble: string | undefined;
  readonly close: () => void;
}

/** Who hears of trouble, and of its end. */
export interface LedgerHooks {
  readonly onTrouble: (message: string) => void;
  readonly onRecovered?: (lost: number) => void;
}

/**
 * The ledger of a state directory, opened when it is first asked for: a plan against a platform with marks touches no
 * disk. Trouble is one warning on stderr and nothing else, unless there are hooks.
 */
export function lazyLedger(
  stateDir: string,
  session: Session,
  hooks: LedgerHooks = {
    onTrouble: (message) => {
      session.stderr.write(`fairlead: warning: ${message}\n`);
    },
  },
): LazyLedger {
  let opened: OpenLedger | undefined;
  const ledger = (): OpenLedger => {
    opened ??= openLedger({ file: ledgerFile(stateDir), ...hooks });
    return opened;
  };
  return {
    bases: (program) => ledger().bases(program),
    append: (entry) => ledger().append(entry),
    keep: (program, bases) => ledger().keep(program, bases),
    seen: (observation) => ledger().seen(observation),
    get trouble() {
      return opened?.trouble;
    },
    close: () => {
      opened?.close();
    },
  };
}
