import type { ObservedGlobal, ObservedRelease, PlatformInfo } from '../core/model/observed.ts';
import type { PlatformWrite, Written } from '../core/model/write.ts';
import { ReconcileError } from '../core/words/errors.ts';
import type { ProgramKey } from '../core/words/keys.ts';
import { markCondition } from '../core/plan/request-id.ts';
import type { PlatformReader, PlatformWriter, Telemetry } from '../ports/index.ts';

/** A platform, read and written. */
export type Platform = PlatformReader & PlatformWriter;

/** What is learnt of a platform while it is used. Changed by whoever learns; begins empty. */
export interface Memory {
  /** A mark that was sent did not stay. */
  marksLost?: boolean;
}

/**
 * A platform with the fallbacks for what it cannot do: each costs calls, never safety.
 *
 * - no `conditionalWrites`: the record is read right before each write and refused as `Stale` or `AlreadySelected` if
 *   it is not what the plan saw; it is read again after it, and that is what the write came to.
 * - no `marks`, or an answer without the mark just sent: `platform()` says so from then on, and none is sent.
 * - no `requestIds`: none is sent; whoever writes settles an unknown outcome by reading the key.
 *
 * Between the first reading and the write somebody may still write: the second reading shows it.
 */
export function withFallbacks(
  platform: Platform,
  telemetry: Telemetry,
  memory: Memory = {},
): Platform {
  const info = async (signal: AbortSignal): Promise<PlatformInfo> => {
    const found = await platform.platform(signal);
    if (!memory.marksLost) return found;
    return { ...found, capabilities: { ...found.capabilities, marks: false } };
  };
  return {
    ...platform,
    platform: info,
    write: async (write, id, signal, mayGo) => {
      const { capabilities } = await info(signal);
      const sent = capabilities.marks ? write : withoutMark(write);
      const written = await (capabilities.conditionalWrites
        ? platform.write(sent, id, signal, mayGo)
        : writeBetweenReads(
            platform,
            sent,
            async () => platform.write(sent, id, signal, mayGo),
            signal,
          ));
      if (sent.mark !== undefined && markOf(written) === undefined) {
        memory.marksLost = true;
        telemetry.emit({ kind: 'ignored', what: 'capabilities.marks', why: 'a mark did not stay' });
      }
      return written;
    },
  };
}

/** @throws ReconcileError `Stale` for a write of a mark alone: the plan was made when there were marks */
function withoutMark(write: PlatformWrite): PlatformWrite {
  const { mark, ...rest } = write;
  if (mark !== undefined && 'patch' in rest && Object.keys(rest.patch).length === 0)
    throw new ReconcileError('Stale', 'the platform stores no marks');
  return rest;
}

async function writeBetweenReads(
  reader: PlatformReader,
  write: PlatformWrite,
  send: () => Promise<Written>,
  signal: AbortSignal,
): Promise<Written> {
  refuseIfChanged(write, await read(reader, write, signal));
  await send();
  const after = await readAfter(reader, write, signal);
  if (after !== undefined) return after;
  throw new ReconcileError(
    'OutcomeUnknown',
    `${write.operation}: the record is not there after it`,
  );
}

/** A reading that fails after the write leaves open what the write came to. */
async function readAfter(
  reader: PlatformReader,
  write: PlatformWrite,
  signal: AbortSignal,
): Promise<Written | undefined> {
  try {
    return await read(reader, write, signal);
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    const why = `${write.operation}: could not be read after it`;
    throw new ReconcileError('OutcomeUnknown', why, { cause: error });
  }
}

async function read(
  reader: PlatformReader,
  write: PlatformWrite,
  signal: AbortSignal,
): Promise<Written | undefined> {
  if (write.operation === 'patchGlobalConfig') return readGlobal(reader, write.key, signal);
  const release = await reader.release(write.key, signal);
  return release && { kind: 'release', release };
}

async function readGlobal(
  reader: PlatformReader,
  { workspace, miniProgram }: ProgramKey,
  signal: AbortSignal,
): Promise<Written | undefined> {
  for await (const { items } of reader.miniPrograms(workspace, [miniProgram], signal)) {
    const found = items.find((item) => item.key.miniProgram === miniProgram);
    if (found) return { kind: 'global', global: found.global };
  }
  return undefined;
}

function refuseIfChanged(write: PlatformWrite, found: Written | undefined): void {
  if (write.operation === 'createRelease') {
    if (found === undefined) return;
    throw new ReconcileError('AlreadySelected', 'the record exists already');
  }
  const record = found && recordOf(found);
  const { ifRevision, ifMark } = write.condition;
  if (record?.revision === ifRevision && markCondition(record.mark) === ifMark) return;
  throw new ReconcileError('Stale', 'the record is not what the plan saw');
}

function recordOf(written: Written): ObservedRelease | ObservedGlobal {
  return written.kind === 'release' ? written.release : written.global;
}

function markOf(written: Written): string | undefined {
  return recordOf(written).mark;
}
