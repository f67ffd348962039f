import { decide } from '../core/plan/decide.ts';
import { suspendedConnection, suspendProgram } from '../core/plan/suspension.ts';
import type { DesiredProgram } from '../core/model/desired.ts';
import type { ObservedProgram } from '../core/model/observed.ts';
import type { Decision, Plan } from '../core/model/plan.ts';
import type { Gates } from '../core/model/policy.ts';
import { ReconcileError } from '../core/words/errors.ts';
import { programId, type ProgramKey } from '../core/words/keys.ts';
import type { ReadPorts } from '../ports/index.ts';
import {
  createMemory,
  type FailedProgram,
  observeEach,
  type PlanContext,
  planKnown,
} from '../engine/read.ts';
import { noSecrets } from './no-secrets.ts';
import { joinedWish, type ProgramPair } from './pairs.ts';
import { readOnce } from './reader.ts';
import { asWhereSecretsAre, withOtherSecrets } from './secret-writes.ts';

/** A platform as a review may hold it: no writer, no secret store, no history. */
export interface ReviewPlatform {
  readonly connection: string;
  readonly gates: Gates;
  /** Why the connection rests, where it does. */
  readonly suspended: string | undefined;
  readonly ports: Pick<ReadPorts, 'reader' | 'clock' | 'random' | 'telemetry'>;
  /** Read from a file that people keep. */
  readonly attested: boolean;
  readonly installation: string;
  readonly takeOver: readonly string[];
}

/** What would be done of one side's wish, were it merged now. */
export interface PlannedSide {
  readonly plan: Plan;
  readonly decision: Decision;
}

/** Both sides of one program, planned against one and the same observation. */
export interface PlannedPair {
  readonly key: ProgramKey;
  readonly before: PlannedSide | undefined;
  readonly after: PlannedSide | undefined;
}

export interface PlannedPairs {
  readonly planned: readonly PlannedPair[];
  readonly failed: readonly FailedProgram[];
}

/**
 * Plans both sides of every pair that goes through one connection. Reads the platform once.
 *
 * What is wrong with one program, or the platform's silence, is told per program and never thrown.
 */
export async function planPairs(
  pairs: readonly ProgramPair[],
  platform: ReviewPlatform,
  signal: AbortSignal,
): Promise<PlannedPairs> {
  const work = workOf(platform, pairs.length);
  const wishes = pairs.flatMap((pair) => joinedWish(pair) ?? []);
  const { programs, failures } = await observed(wishes, work, signal);
  const results: (PlannedPair | FailedProgram)[] = [];
  for (const pair of pairs) {
    const key = (pair.after ?? pair.before)?.key;
    if (!key) continue;
    const seen = programs.get(programId(key));
    results.push(
      seen
        ? await planPair({ pair, key, seen }, work, signal)
        : { key, error: failures.get(programId(key)) ?? unseen() },
    );
  }
  return {
    planned: results.filter((result) => 'before' in result),
    failed: results.filter((result) => 'error' in result),
  };
}

interface Work {
  readonly platform: ReviewPlatform;
  readonly ports: ReadPorts;
  readonly context: PlanContext;
  /** Programs whose declarations the merge changes. */
  readonly programs: number;
}

function workOf(platform: ReviewPlatform, programs: number): Work {
  const { connection, installation, takeOver, attested, ports } = platform;
  return {
    platform,
    programs,
    ports: { ...ports, reader: readOnce(ports.reader), secrets: noSecrets(), ledger: noHistory },
    context: {
      ...{ connection, installation, takeOver, attested },
      mode: 'sweep',
      memory: createMemory(),
    },
  };
}

const noHistory: ReadPorts['ledger'] = {
  bases: () => Promise.resolve({}),
  append: () => Promise.resolve(),
  keep: () => Promise.resolve(),
  seen: () => Promise.resolve(),
};

async function observed(
  wishes: readonly DesiredProgram[],
  { ports, context }: Work,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<typeof observeEach>>> {
  try {
    return await observeEach(wishes, ports, context, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ReconcileError)) throw error;
    const failures = new Map(wishes.map(({ key }) => [programId(key), error]));
    return { programs: new Map(), failures };
  }
}

interface SeenPair {
  readonly pair: ProgramPair;
  readonly key: ProgramKey;
  readonly seen: ObservedProgram;
}

async function planPair(
  { pair, key, seen }: SeenPair,
  work: Work,
  signal: AbortSignal,
): Promise<PlannedPair | FailedProgram> {
  try {
    const before = await planSide(pair.before, seen, { work, signal });
    const counted = { work, signal, programs: work.programs, base: pair.before };
    const after = await planSide(pair.after, seen, counted);
    return { key, before, after };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ReconcileError)) throw error;
    return { key, error };
  }
}

interface SideWork {
  readonly work: Work;
  readonly signal: AbortSignal;
  /** Of head alone: programs whose declarations the merge changes, and what the base wants. */
  readonly programs?: number;
  readonly base?: DesiredProgram | undefined;
}

async function planSide(
  desired: DesiredProgram | undefined,
  seen: ObservedProgram,
  { work, programs, base, signal }: SideWork,
): Promise<PlannedSide | undefined> {
  if (!desired) return undefined;
  const { platform, ports, context } = work;
  const { suspended } = platform;
  const wanted =
    suspended === undefined ? desired : suspendProgram(desired, suspendedConnection(suspended));
  const planned = await planKnown({ program: wanted, observed: seen }, ports, context, signal);
  const given = asWhereSecretsAre(planned.plan);
  const plan = base ? withOtherSecrets(given, base) : given;
  const now = ports.clock.wall();
  const { gates } = platform;
  const decision = decide({ plan, gates, programsInCommit: programs, allowed: new Set(), now });
  return { plan, decision };
}

function unseen(): ReconcileError {
  return new ReconcileError('InternalError', 'the observation of a program is missing');
}
