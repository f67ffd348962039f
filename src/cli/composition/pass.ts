import { gatesOf } from '../../core/plan/gates.ts';
import { decide } from '../../core/plan/decide.ts';
import { suspendedConnection, suspendProgram } from '../../core/plan/suspension.ts';
import type { DesiredProgram } from '../../core/model/desired.ts';
import type { ChangeId, Decision, Plan } from '../../core/model/plan.ts';
import { compareText } from '../../core/words/keys.ts';
import type { EpochMs } from '../../core/words/time.ts';
import type { ExecuteContext } from '../../engine/run.ts';
import {
  createMemory,
  planEach,
  type FailedProgram,
  type PlanContext,
  type PlannedProgram,
} from '../../engine/read.ts';
import type { Outcome, ReadPorts, WritePorts } from '../../ports/index.ts';
import type { ReachedPlatform } from './platform.ts';

/** A connection at work: what it reaches, through which ports, under which settings. */
export interface Line {
  readonly opened: ReachedPlatform;
  readonly ports: ReadPorts & WritePorts;
  readonly context: PlanContext;
}

/** What one connection's programs came to. */
export interface PlannedLine {
  readonly line: Line;
  readonly planned: readonly PlannedProgram[];
  readonly failed: readonly FailedProgram[];
}

export interface Choice {
  readonly allowed: ReadonlySet<ChangeId>;
  /** Programs whose declarations the commit changed; undefined where no earlier commit is known. */
  readonly programsInCommit: number | undefined;
}

/** Programs by the connection they go through, connections in code-unit order. */
export function byConnection(
  programs: readonly DesiredProgram[],
): readonly (readonly [string, readonly DesiredProgram[]])[] {
  const groups = new Map<string, DesiredProgram[]>();
  for (const program of programs) {
    groups.set(program.connection, [...(groups.get(program.connection) ?? []), program]);
  }
  return [...groups].toSorted(([a], [b]) => compareText(a, b));
}

export interface LineSettings {
  readonly installation: string;
  readonly takeOver: readonly string[];
}

/** Joins a connection with everything a pass needs. */
export function createLine(
  opened: ReachedPlatform,
  ports: Omit<ReadPorts, 'reader'>,
  settings: LineSettings,
): Line {
  return {
    opened,
    ports: {
      ...ports,
      reader: opened.platform,
      writer: opened.platform,
      fence: { heldUntil: () => Number.POSITIVE_INFINITY },
    },
    context: {
      connection: opened.connection.name,
      installation: settings.installation,
      takeOver: settings.takeOver,
      mode: 'sweep',
      memory: createMemory(),
    },
  };
}

export async function planLine(
  line: Line,
  programs: readonly DesiredProgram[],
  signal: AbortSignal,
): Promise<PlannedLine> {
  const { suspend } = line.opened.connection.spec;
  const wanted = suspend
    ? programs.map((program) => suspendProgram(program, suspendedConnection(suspend.reason)))
    : programs;
  const { planned, failed } = await planEach(wanted, line.ports, line.context, signal);
  return { line, planned, failed };
}

/** What is written now, per plan and in the order of plans. */
export function decideLine(
  { line, planned }: PlannedLine,
  choice: Choice,
  now: EpochMs,
): readonly Decision[] {
  const gates = gatesOf(line.opened.connection.spec.gates);
  return planned.map(({ plan }) => decide({ plan, gates, ...choice, now }));
}

/** The part of a plan that stands in front of people. */
export function plansOf(lines: readonly PlannedLine[]): readonly Plan[] {
  return lines.flatMap(({ planned }) => planned.map(({ plan }) => plan));
}

const defaultMaxWriters = 4;

/** Who wrote a wish, and who approved it. */
export type ToldToHistory = Pick<ExecuteContext, 'explain' | 'approvedBy'>;

/** What `execute` must know of one planned program. */
export function executeContext(
  line: Line,
  { plan, desired }: PlannedProgram,
  told: ToldToHistory,
): ExecuteContext {
  return {
    ...line.context,
    plan,
    desired,
    maxWriters: line.opened.connection.spec.maxWriters ?? defaultMaxWriters,
    timeoutMs: line.opened.timeoutMs,
    ...told,
  };
}

/** What became of the changes of one program. */
export interface Executed {
  readonly plan: Plan;
  readonly decision: Decision;
  readonly outcomes: readonly Outcome[];
}
