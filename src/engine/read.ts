import pLimit from 'p-limit';
import type { DesiredProgram } from '../core/model/desired.ts';
import {
  fingerprintIndex,
  type Fingerprints,
  type ObservedProgram,
} from '../core/model/observed.ts';
import type { Plan } from '../core/model/plan.ts';
import { makePlan } from '../core/plan/make-plan.ts';
import { needs } from '../core/plan/needs.ts';
import { ReconcileError } from '../core/words/errors.ts';
import { programId, type ProgramId, type ProgramKey } from '../core/words/keys.ts';
import type { ReadPorts, WantedSecret } from '../ports/index.ts';
import { observeEach, type Observed } from './observe.ts';
import { indexReleases, readsSingly, touchedOf, type ObserveOptions } from './observe-workspace.ts';
import { readUnsure, unsureOf } from './unsure.ts';
import { repeatRead } from './retry.ts';

export { createMemory, type Memory } from './memory.ts';
export { capabilitiesOf, observe, observeEach } from './observe.ts';
export type { ObserveOptions } from './observe-workspace.ts';

/** What planning needs to know beside declarations and platform. */
export interface PlanContext extends ObserveOptions {
  /** Name of the PlatformConnection, whose fingerprint key the secret store uses. */
  readonly connection: string;
  readonly installation: string;
  /** Installations whose records are taken over. */
  readonly takeOver: readonly string[];
}

/** A plan, and the wish it was made for. */
export interface PlannedProgram {
  readonly plan: Plan;
  readonly desired: DesiredProgram;
}

/** The same with everything it was made from, for whoever must look at a record again. */
export interface PlannedFully extends PlannedProgram {
  readonly observed: ObservedProgram;
  readonly fingerprints: Fingerprints;
}

/** A program whose pass ended before there was a plan. */
export interface FailedProgram {
  readonly key: ProgramKey;
  readonly error: ReconcileError;
}

export interface PlannedPrograms {
  /** In the order of the desired programs. */
  readonly planned: readonly PlannedProgram[];
  readonly failed: readonly FailedProgram[];
}

/** Programs planned side by side; each may need two lists and its secrets. */
const programsAtATime = 8;

/**
 * The plans of the desired programs of one connection, in their order.
 *
 * @throws ReconcileError the first failure, after every program was tried; see `planEach`
 */
export async function planPrograms(
  desired: readonly DesiredProgram[],
  ports: ReadPorts,
  context: PlanContext,
  signal: AbortSignal,
): Promise<Plan[]> {
  const { planned, failed } = await planEach(desired, ports, context, signal);
  const [first] = failed;
  if (first) throw first.error;
  return planned.map(({ plan }) => plan);
}

/**
 * The same, with the failures beside the plans: what is wrong with one program never stops another.
 *
 * @throws ReconcileError when the platform itself cannot be asked
 */
export async function planEach(
  desired: readonly DesiredProgram[],
  ports: ReadPorts,
  context: PlanContext,
  signal: AbortSignal,
): Promise<PlannedPrograms> {
  const { programs, failures } = emptiable(await observeEach(desired, ports, context, signal));
  const limit = pLimit(programsAtATime);
  const results = await Promise.all(
    desired.map((program) =>
      limit(async (): Promise<PlannedProgram | FailedProgram> => {
        const id = programId(program.key);
        const observed = programs.get(id);
        if (!observed) return { key: program.key, error: failures.get(id) ?? unseen(id) };
        programs.delete(id);
        const result = await planSafely({ program, observed }, ports, context, signal);
        return 'error' in result ? result : { plan: result.plan, desired: result.desired };
      }),
    ),
  );
  signal.throwIfAborted();
  return {
    planned: results.filter((result) => 'plan' in result),
    failed: results.filter((result) => 'error' in result),
  };
}

/**
 * One program's plan with everything it was made from.
 *
 * @throws ReconcileError what observing or planning throws
 */
export async function planFully(
  desired: DesiredProgram,
  ports: ReadPorts,
  context: PlanContext,
  signal: AbortSignal,
): Promise<PlannedFully> {
  const { programs, failures } = await observeEach([desired], ports, context, signal);
  const id = programId(desired.key);
  const observed = programs.get(id);
  if (!observed) throw failures.get(id) ?? unseen(id);
  const result = await planSafely({ program: desired, observed }, ports, context, signal);
  if ('error' in result) throw result.error;
  return result;
}

/**
 * One program's plan from what is already known of it: nothing is observed but what planning itself asks for (versions
 * and targets where something is to be created, records whose existence is in doubt, secrets).
 *
 * @throws ReconcileError what planning throws; the signal's reason when it is aborted
 */
export async function planKnown(
  pair: KnownProgram,
  ports: ReadPorts,
  context: PlanContext,
  signal: AbortSignal,
): Promise<PlannedFully> {
  const whole: PlanContext = { ...context, mode: 'sweep' };
  const result = await planSafely(pair, ports, whole, signal);
  if ('error' in result) throw result.error;
  return result;
}

/** What was read of a program goes as soon as its plan is made: of many, both side by side would be too much. */
function emptiable({ programs, failures }: Observed) {
  return { programs: new Map(programs), failures };
}

function unseen(id: ProgramId): ReconcileError {
  return new ReconcileError('InternalError', `the observation of ${id} is missing`);
}

/** A program, and what is known of it. */
interface KnownProgram {
  readonly program: DesiredProgram;
  readonly observed: ObservedProgram;
}

/** A bug ends the pass of its own program only; it is reported as loudly as a bug deserves. */
async function planSafely(
  pair: KnownProgram,
  ports: ReadPorts,
  context: PlanContext,
  signal: AbortSignal,
): Promise<PlannedFully | FailedProgram> {
  const { key } = pair.program;
  try {
    return await planObserved(pair, ports, context, signal);
  } catch (cause) {
    signal.throwIfAborted();
    const error = cause instanceof ReconcileError ? cause : internal(cause);
    ports.telemetry.emit({ kind: 'failed', key, code: error.code, message: error.message });
    return { key, error };
  }
}

function internal(cause: unknown): ReconcileError {
  const what = cause instanceof Error ? cause.name : typeof cause;
  return new ReconcileError(
    'InternalError',
    `a bug in Fairlead ended this program's pass (${what})`,
    {
      cause,
      nextStep: 'report it; other programs were not touched by it',
    },
  );
}

async function planObserved(
  { program, observed }: KnownProgram,
  ports: ReadPorts,
  context: PlanContext,
  signal: AbortSignal,
): Promise<PlannedFully> {
  const desired = narrowed(program, context);
  const complete = await withLists(desired, observed, ports, signal);
  const fingerprints = await ports.secrets.fingerprints(
    context.connection,
    secretsOf(desired),
    signal,
  );
  const { emulator } = await ports.reader.platform(signal);
  const planOf = (seen: ObservedProgram): PlannedFully => {
    const { installation, takeOver } = context;
    const now = ports.clock.wall();
    const input = { desired, fingerprints, installation, takeOver, emulator, now };
    return { plan: makePlan({ ...input, observed: seen }), desired, observed: seen, fingerprints };
  };
  const first = planOf(complete);
  const found = await readUnsure(unsureOf(first), ports, signal);
  if (found.length === 0) return first;
  const releases = { ...complete.releases, ...indexReleases(found) };
  return planOf({ ...complete, existence: 'exists', releases });
}

/** Only what was read may be planned: a record that was not asked for would look as if it were missing. */
function narrowed(program: DesiredProgram, context: PlanContext): DesiredProgram {
  return readsSingly(program, context)
    ? { ...program, releases: touchedOf(program, context) }
    : program;
}

/** Versions and targets are asked for only where something is to be created. */
async function withLists(
  desired: DesiredProgram,
  observed: ObservedProgram,
  ports: ReadPorts,
  signal: AbortSignal,
): Promise<ObservedProgram> {
  const wanted = observed.refused ? [] : needs(desired, observed);
  const { reader } = ports;
  try {
    const [versions, targets] = await Promise.all([
      wanted.includes('versions')
        ? repeatRead(() => reader.versions(desired.key, signal), ports, signal)
        : undefined,
      wanted.includes('targets')
        ? repeatRead(() => reader.targets(desired.key, signal), ports, signal)
        : undefined,
    ]);
    return { ...observed, ...(versions ? { versions } : {}), ...(targets ? { targets } : {}) };
  } catch (error) {
    if (error instanceof ReconcileError && error.resultCode === 'MINI_PROGRAM_NOT_FOUND') {
      return { ...observed, existence: 'missing' };
    }
    throw error;
  }
}

/** Every secret the program's desired releases refer to, once each; of contested keys, every claimant's. */
export function secretsOf(desired: DesiredProgram): readonly WantedSecret[] {
  const claims = desired.releases.flatMap((release) => [release, ...(release.rivals ?? [])]);
  const wanted = claims.flatMap(({ source, config }) =>
    Object.values(config).flatMap((field) =>
      field?.value.kind === 'secret' ? [{ source, ref: field.value.ref }] : [],
    ),
  );
  const unique = new Map(wanted.map((each) => [fingerprintIndex(each.source, each.ref), each]));
  return [...unique.values()];
}
