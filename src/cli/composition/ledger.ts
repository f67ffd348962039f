import { join } from 'node:path';
import { openLedger, type OpenLedger } from '../../ledger/bases.ts';
import type { Ledger } from '../../ports/index.ts';
import type { Session } from '../session.ts';

const fileName = 'ledger.db';

/**
 * The ledger of a state directory, opened when it is first asked for: a plan against a platform with marks touches no
 * disk. Trouble is one warning on stderr and nothing else.
 */
export function lazyLedger(
  stateDir: string,
  session: Session,
): Ledger & { readonly close: () => void } {
  let opened: OpenLedger | undefined;
  const ledger = (): OpenLedger => {
    opened ??= openLedger({
      file: join(stateDir, fileName),
      onTrouble: (message) => {
        session.stderr.write(`fairlead: warning: ${message}\n`);
      },
    });
    return opened;
  };
  return {
    bases: (program) => ledger().bases(program),
    append: (entry) => ledger().append(entry),
    keep: (program, bases) => ledger().keep(program, bases),
    seen: (observation) => ledger().seen(observation),
    close: () => {
      opened?.close();
    },
  };
}
