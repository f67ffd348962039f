import { lintPlans } from '../../core/lint/lint.ts';
import type { ChangeId, Decision } from '../../core/model/plan.ts';
import { expandAllowed } from '../../core/plan/identity.ts';
import { planDocument, type PlanSet } from '../../core/render/plan-document.ts';
import type { DesiredProgram } from '../../core/model/desired.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { FailedProgram } from '../../engine/read.ts';
import { CliError, exitCodes, type ExitCode } from '../exit.ts';
import type { Session } from '../session.ts';
import { systemClock } from '../system.ts';
import { chosenConnections } from './connections.ts';
import type { CommandDeclarations } from './command-declarations.ts';
import { decideLine, planLine, plansOf, type Line, type PlannedLine } from './pass.ts';
import { openRuntime, type Runtime } from './runtime.ts';

export interface PlanOptions {
  readonly snapshot: string | undefined;
  readonly stateDir: string | undefined;
  readonly takeOver: readonly string[];
  readonly allowed: ReadonlySet<ChangeId>;
  readonly all: boolean;
  /** Programs whose declarations the commit changed; undefined where no earlier commit is known. */
  readonly programsInCommit?: number | undefined;
}

export interface PlannedSet {
  readonly set: PlanSet;
  /** Programs whose pass ended before there was a plan. */
  readonly failed: readonly FailedProgram[];
  readonly lines: readonly PlannedLine[];
  /** Ids given with --allow. */
  readonly allowed: ReadonlySet<ChangeId>;
  readonly installation: string;
  readonly takeOver: readonly string[];
}

/** Plans everything that is declared, and closes what it opened. */
export async function planForCommand(
  session: Session,
  declared: CommandDeclarations,
  options: PlanOptions,
): Promise<PlannedSet> {
  if (options.snapshot !== undefined) {
    const { planFromSnapshot } = await import('./snapshot-plan.ts');
    return planFromSnapshot(session, declared, { ...options, snapshot: options.snapshot });
  }
  const runtime = await openForDeclared(session, declared, options);
  try {
    return await planWith(runtime, { session, declared, options });
  } finally {
    await runtime.close();
  }
}

/**
 * Opens every connection that the declarations name.
 *
 * @throws CliError `SettingsNotFound` where there are no settings
 */
export async function openForDeclared(
  session: Session,
  { administration, programs, sources }: CommandDeclarations,
  { stateDir, takeOver }: Pick<PlanOptions, 'stateDir' | 'takeOver'>,
): Promise<Runtime> {
  if (!administration) {
    throw new CliError('SettingsNotFound', 'no PlatformConnection is configured', {
      nextStep:
        'name a file of PlatformConnections with --connections FILE or FAIRLEAD_CONNECTIONS; `fairlead emulator --connection-out FILE` writes one to play with, and `plan --snapshot FILE` needs none',
    });
  }
  const only = session.options.connection;
  // Says so where nothing has that name: a typo must not look like "nothing to do".
  if (only !== undefined) chosenConnections(session, administration);
  const wanted =
    only === undefined ? programs : programs.filter(({ connection }) => connection === only);
  return openRuntime(session, { administration, programs: wanted, sources, takeOver, stateDir });
}

interface PlanInputs {
  readonly session: Session;
  readonly declared: CommandDeclarations;
  readonly options: PlanOptions;
}

/** One plan of everything the runtime reaches. */
export async function planWith(
  runtime: Runtime,
  { session, declared, options }: PlanInputs,
): Promise<PlannedSet> {
  const lines: PlannedLine[] = [];
  for (const { line, programs } of runtime.lines) {
    lines.push(await planReachable(line, programs, session.signal));
  }
  const plans = plansOf(lines);
  const allowed = expandAllowed(plans, options.allowed);
  const now = systemClock.wall();
  const decisions = lines.flatMap((line) =>
    decideLine(line, { allowed, programsInCommit: options.programsInCommit }, now),
  );
  const set: PlanSet = {
    plans,
    decisions,
    platforms: lines.map(({ line: { opened }, planned }) => ({
      connection: opened.connection.name,
      platform: opened.connection.spec.platformId,
      driver: opened.connection.spec.driver,
      emulator: planned.some(({ plan }) => plan.emulator),
    })),
    apiCalls: { reads: runtime.calls().reads, writes: writesOf(decisions) },
    ratePerSecond: Math.min(
      ...runtime.lines.map(({ line }) => line.opened.requestsPerSecond),
      1000,
    ),
    problems: [
      ...declared.problems,
      ...lintPlans({ ...declared, repository: declared.repository, plans, now }),
    ],
    locate: declared.locate,
    now,
    all: options.all,
  };
  const failed = lines.flatMap((line) => line.failed);
  return { set, lines, failed, allowed: options.allowed, ...runtime.settings };
}

/** A platform that cannot be asked fails its own programs and no other's. */
async function planReachable(
  line: Line,
  programs: readonly DesiredProgram[],
  signal: AbortSignal,
): Promise<PlannedLine> {
  try {
    return await planLine(line, programs, signal);
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    const named = ofConnection(line, error);
    return { line, planned: [], failed: programs.map(({ key }) => ({ key, error: named })) };
  }
}

/** The same failure, saying of which connection. */
function ofConnection({ opened }: Line, error: ReconcileError): ReconcileError {
  const { code, message, nextStep, retryAfterMs } = error;
  return new ReconcileError(code, `${opened.connection.name} (${opened.endpoint}): ${message}`, {
    cause: error,
    ...(nextStep === undefined ? {} : { nextStep }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** Calls that carrying out the decisions would take. */
export function writesOf(decisions: readonly Decision[]): number {
  return decisions.reduce((sum, { apply }) => sum + apply.length, 0);
}

/** Which of the detailed exit codes apply to a plan. */
export function verdictOf(set: PlanSet): readonly ExitCode[] {
  const { summary } = planDocument(set);
  const heldReasons = new Set(
    set.decisions.flatMap(({ held }) => held.map(({ reason }) => reason)),
  );
  const asks = ['GateRefused', 'AwaitingApproval', 'AwaitsOther'] as const;
  const pending =
    summary.create + summary.update + summary.adopt + summary.waiting + summary.global;
  return [
    ...(asks.some((reason) => heldReasons.has(reason)) ? [exitCodes.held] : []),
    ...(summary.blocked > 0 ? [exitCodes.blocked] : []),
    ...(pending > 0 || heldReasons.has('DriftReported') ? [exitCodes.pending] : []),
  ];
}
