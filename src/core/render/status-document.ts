import type { ControllerStatus, ProgramState, ProgramStatus } from '../model/controller.ts';
import type { ProgramId } from '../words/keys.ts';
import { epochMs, isoTime, type EpochMs } from '../words/time.ts';

/** What `fairlead status` knows. */
export interface StatusSet {
  readonly stateDir: string;
  /** Whether a controller holds the state directory right now; undefined where that cannot be told. */
  readonly running: boolean | undefined;
  /** What it last said; absent where it was started and has said nothing yet. */
  readonly status: ControllerStatus | undefined;
  /** Absent: every program. */
  readonly chosen?: ProgramId;
  readonly now: EpochMs;
}

/** Programs by what people must do about them, the most urgent first. */
export const stateOrder: readonly ProgramState[] = [
  'Failing',
  'Blocked',
  'Held',
  'Pending',
  'Suspended',
  'Unknown',
  'InSync',
];

export interface StatusSummary {
  readonly programs: number;
  readonly byState: Readonly<Record<ProgramState, number>>;
  /** Fields, and ref that moved backwards, that wait for a person's word. */
  readonly held: number;
  readonly blocked: number;
  readonly oldestPending: ProgramStatus | undefined;
  /** The next thing that is certain to happen: a look, a sweep or a pass. */
  readonly nextAt: EpochMs | undefined;
}

/** The programs of the status, as far as they were asked for. */
export function chosenPrograms({ status, chosen }: StatusSet): readonly ProgramStatus[] {
  const programs = status?.programs ?? [];
  return chosen === undefined ? programs : programs.filter(({ id }) => id === chosen);
}

/** What it comes to. */
export function summaryOf(set: StatusSet): StatusSummary {
  const programs = chosenPrograms(set);
  const counts = stateOrder.map(
    (state) => [state, programs.filter((program) => program.state === state).length] as const,
  );
  return {
    programs: programs.length,
    byState: Object.fromEntries(counts) as Record<ProgramState, number>,
    held: programs.reduce((sum, { held }) => sum + held.length, 0),
    blocked: programs.reduce((sum, { blocked }) => sum + blocked.length, 0),
    oldestPending: oldestOf(programs),
    nextAt: nextOf(set, programs),
  };
}

function oldestOf(programs: readonly ProgramStatus[]): ProgramStatus | undefined {
  const [oldest] = programs
    .filter(({ pendingSince }) => pendingSince !== undefined)
    .toSorted((a, b) => (a.pendingSince ?? 0) - (b.pendingSince ?? 0));
  return oldest;
}

function nextOf(
  { status, chosen }: StatusSet,
  programs: readonly ProgramStatus[],
): EpochMs | undefined {
  const moments = [
    ...programs.map(({ nextAt }) => nextAt),
    ...(chosen === undefined ? (status?.sources ?? []).map(({ nextLookAt }) => nextLookAt) : []),
    ...(chosen === undefined
      ? (status?.connections ?? []).map(({ nextSweepAt }) => nextSweepAt)
      : []),
  ].filter((moment) => moment !== undefined);
  return moments.length === 0 ? undefined : epochMs(Math.min(...moments));
}

/** The JSON document of `status -o json`: every moment as text. */
export function statusDocument(set: StatusSet): object {
  const { stateDir, running, status, now } = set;
  return {
    formatVersion: 1,
    kind: 'Status',
    running: running ?? null,
    stateDir,
    writtenAt: status ? isoTime(status.at) : null,
    ageMs: status ? Math.max(0, now - status.at) : null,
    summary: summaryDocument(summaryOf(set)),
    ...saidDocument(status),
    programs: chosenPrograms(set).map(withTexts),
  };
}

function summaryDocument({ oldestPending, nextAt, ...counts }: StatusSummary): object {
  const since = oldestPending?.pendingSince;
  return {
    ...counts,
    oldestPending:
      oldestPending && since !== undefined
        ? { program: oldestPending.id, since: isoTime(since) }
        : null,
    nextAt: nextAt === undefined ? null : isoTime(nextAt),
  };
}

/** What the controller said of itself; nothing where it has not. */
function saidDocument(status: ControllerStatus | undefined): object {
  if (!status) {
    return {
      ...{ version: null, startedAt: null, config: null, suspended: null, ledgerTrouble: null },
      ...{ sources: [], connections: [] },
    };
  }
  const { version, startedAt, config, suspended, ledgerTrouble, sources, connections } = status;
  return {
    version,
    startedAt: isoTime(startedAt),
    config: withTexts(config),
    suspended: suspended ? withTexts(suspended) : null,
    ledgerTrouble: ledgerTrouble ?? null,
    sources: sources.map(withTexts),
    connections: connections.map(withTexts),
  };
}

/** The keys of `ControllerStatus` under which moments stand. */
const moments: ReadonlySet<string> = new Set([
  ...['at', 'since', 'until', 'loadedAt', 'lookedAt', 'nextLookAt', 'sweptAt', 'nextSweepAt'],
  ...['credentialExpiresAt', 'pendingSince', 'plannedAt', 'nextAt', 'reviewedAt'],
]);

function withTexts(value: object): object {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => [key, textOf(key, inner)]),
  );
}

function textOf(key: string, value: unknown): unknown {
  if (typeof value === 'number') return moments.has(key) ? isoTime(epochMs(value)) : value;
  if (Array.isArray(value)) return value.map((inner) => textOf('', inner));
  return typeof value === 'object' && value !== null ? withTexts(value) : value;
}
