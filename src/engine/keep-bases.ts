import type { Change } from '../core/model/plan.ts';
import { markAfter } from '../core/plan/next-mark.ts';
import { programId, releaseId } from '../core/words/keys.ts';
import type { ReadPorts } from '../ports/index.ts';
import { capabilitiesOf, secretsOf } from './read.ts';
import type { ExecuteContext } from './run.ts';

/**
 * Where the platform stores no marks, keeps in the ledger what was seen to be as declared: else the first change of
 * such a field would look like taking somebody else's value away.
 *
 * @throws ReconcileError what asking the platform for its capabilities throws
 */
export async function keepSettledBases(
  ports: ReadPorts,
  context: ExecuteContext,
  signal: AbortSignal,
): Promise<void> {
  const { plan, desired, installation, connection, memory } = context;
  if (capabilitiesOf(await ports.reader.platform(signal), memory).marks) return;
  const fingerprints = await ports.secrets.fingerprints(connection, secretsOf(desired), signal);
  const known = await ports.ledger.bases(plan.key);
  const settled = [...plan.changes, ...plan.global].filter(isSettled).map((change) => {
    const key = change.scope === 'release' ? releaseId(change.key) : programId(change.key);
    return [key, markAfter({ change, applied: [], installation, fingerprints })] as const;
  });
  const fresh = settled.filter(([key, mark]) => known[key] !== mark);
  if (fresh.length > 0) await ports.ledger.keep(plan.key, Object.fromEntries(fresh));
}

/** A record that stands and may be edited, and whose bases the plan has worked out. */
function isSettled({ scope, status, action, precondition }: Change): boolean {
  const isEditable = scope === 'global' || status === 'NewVersionCreated';
  return (
    isEditable && precondition.kind === 'record' && (action === 'unchanged' || action === 'update')
  );
}
