import { ReconcileError } from '../../../core/words/errors.ts';
import type { Git } from '../run.ts';
import type { Oid } from '../strings.ts';

export interface RawObject {
  readonly id: Oid;
  readonly type: string;
  readonly raw: Buffer;
}

/** No commit or tag that people make is larger; one that is would be made to hurt. */
const maxBytes = 1024 * 1024;

/**
 * Commits and tags as they are stored, in the order asked for.
 *
 * @throws ReconcileError `SourceUnavailable` for what is missing or not to be believed
 */
export async function readObjects(
  place: { readonly git: Git; readonly directory: string; readonly deadlineMs: number },
  ids: readonly Oid[],
  signal: AbortSignal,
): Promise<readonly RawObject[]> {
  if (ids.length === 0) return [];
  const { git, directory, deadlineMs } = place;
  const input = Buffer.from(ids.map((id) => `${id}\n`).join(''));
  const output = await git.objects({ directory, deadlineMs, input }, signal);
  let offset = 0;
  return ids.map((id) => {
    const end = output.indexOf('\n', offset);
    const [found, type = '', size = ''] = output.toString('latin1', offset, end).split(' ');
    const length = Number(size);
    if (found !== id || !/^\d+$/.test(size) || length > maxBytes) throw unreadable(id);
    offset = end + 1 + length + 1;
    return { id, type, raw: output.subarray(end + 1, end + 1 + length) };
  });
}

function unreadable(id: Oid): ReconcileError {
  return new ReconcileError(
    'SourceUnavailable',
    `an object of the repository is missing, corrupt or too large (${id})`,
  );
}
