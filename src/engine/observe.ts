import pLimit from 'p-limit';
import type { DesiredProgram } from '../core/model/desired.ts';
import type { Capabilities, ObservedProgram, PlatformInfo } from '../core/model/observed.ts';
import { ReconcileError } from '../core/words/errors.ts';
import { programId, type ProgramId } from '../core/words/keys.ts';
import type { ReadPorts } from '../ports/index.ts';
import {
  observeWorkspace,
  unseen,
  type ObserveOptions,
  type Reading,
} from './observe-workspace.ts';
import type { Memory } from './memory.ts';
import { repeatRead } from './retry.ts';

/** A failure that concerns one program or workspace and no other. */
export interface Observed {
  readonly programs: ReadonlyMap<ProgramId, ObservedProgram>;
  readonly failures: ReadonlyMap<ProgramId, ReconcileError>;
}

/** More workspaces than this are read one after the other; the rate budget of the connection decides the pace. */
const workspacesAtATime = 4;
/**
 * What the platform holds of the desired programs, by the number of calls of docs/reference/semantics.md 5, "Cost".
 *
 * Refusals (a platform that reports another id, a workspace we may not read) are part of the observation: the plan
 * says `blocked` and why. An item that moves between two pages while a list is read may be missing in it; nothing is
 * re-read for that, since a create is refused by the platform where a record exists, which is then observed by key.
 *
 * @param desired  programs of one connection
 * @throws ReconcileError the first failure; see `observeEach` for the others' observations
 */
export async function observe(
  desired: readonly DesiredProgram[],
  ports: ReadPorts,
  options: ObserveOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<ProgramId, ObservedProgram>> {
  const { programs, failures } = await observeEach(desired, ports, options, signal);
  for (const failure of failures.values()) throw failure;
  return programs;
}

/** The same, with the failure of a workspace beside the observations of the others. */
export async function observeEach(
  desired: readonly DesiredProgram[],
  ports: ReadPorts,
  options: ObserveOptions,
  signal: AbortSignal,
): Promise<Observed> {
  const info = await repeatRead(() => ports.reader.platform(signal), ports, signal);
  const capabilities = capabilitiesOf(info, options.memory);
  const reading: Reading = { ports, options, info, capabilities, signal };
  const programs = new Map<ProgramId, ObservedProgram>();
  const failures = new Map<ProgramId, ReconcileError>();

  const { right, foreign } = partition(desired, info);
  for (const program of foreign) programs.set(programId(program.key), mismatch(program, reading));

  const limit = pLimit(workspacesAtATime);
  await Promise.all(
    [...byWorkspace(right)].map(([workspace, members]) =>
      limit(async () => {
        const read = await guarded(workspace, members, reading);
        for (const [id, program] of read.programs) programs.set(id, program);
        for (const [id, failure] of read.failures) failures.set(id, failure);
      }),
    ),
  );
  return { programs, failures };
}

/** What the platform can do, as it says and as it has shown. */
export function capabilitiesOf(info: PlatformInfo, memory: Memory): Capabilities {
  return memory.storesMarks ? info.capabilities : { ...info.capabilities, marks: false };
}

function partition(desired: readonly DesiredProgram[], info: PlatformInfo) {
  const groups = Object.groupBy(desired, ({ key }) =>
    key.platform === info.id ? 'right' : 'foreign',
  );
  return { right: groups.right ?? [], foreign: groups.foreign ?? [] };
}

function byWorkspace(
  desired: readonly DesiredProgram[],
): ReadonlyMap<string, readonly DesiredProgram[]> {
  return Map.groupBy(desired, ({ key }) => key.workspace);
}

/** One workspace; what the platform refuses there becomes part of the observation, a failure stays within it. */
async function guarded(
  workspace: string,
  members: readonly DesiredProgram[],
  reading: Reading,
): Promise<Observed> {
  try {
    return { programs: await observeWorkspace(workspace, members, reading), failures: new Map() };
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    // One record that cannot be understood spoils a whole list: apart, it spoils its own program only.
    if (error.code === 'ResponseUntrusted' && members.length > 1)
      return apart(workspace, members, reading);
    return { programs: refusals(error, members, reading), failures: failuresOf(error, members) };
  }
}

async function apart(
  workspace: string,
  members: readonly DesiredProgram[],
  reading: Reading,
): Promise<Observed> {
  const limit = pLimit(workspacesAtATime);
  const read = await Promise.all(
    members.map((member) => limit(() => guarded(workspace, [member], reading))),
  );
  return {
    programs: new Map(read.flatMap(({ programs }) => [...programs])),
    failures: new Map(read.flatMap(({ failures }) => [...failures])),
  };
}

function failuresOf(
  error: ReconcileError,
  members: readonly DesiredProgram[],
): Observed['failures'] {
  const isPart = error.code === 'AccessDenied' || error.code === 'PlatformRefused';
  return new Map(isPart ? [] : members.map(({ key }) => [programId(key), error]));
}

function refusals(
  error: ReconcileError,
  members: readonly DesiredProgram[],
  reading: Reading,
): Observed['programs'] {
  const { code } = error;
  if (code !== 'AccessDenied' && code !== 'PlatformRefused') return new Map();
  return new Map(
    members.map((member) => {
      const { workspace } = member.key;
      const advice = `give this client the right to read workspace ${workspace}, or remove the declaration`;
      const refused = { reason: code, message: error.message, nextStep: error.nextStep ?? advice };
      return [programId(member.key), unseen(member, reading, { refused })];
    }),
  );
}

function mismatch(program: DesiredProgram, reading: Reading): ObservedProgram {
  return unseen(program, reading, {
    refused: {
      reason: 'PlatformMismatch',
      message: `the connection is for platform ${program.key.platform}, and ${reading.info.id} answered`,
      nextStep: 'correct platformId or endpoint of the connection',
    },
  });
}
