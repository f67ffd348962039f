import type { DesiredProgram } from '../../core/model/desired.ts';
import { gatesOf } from '../../core/plan/gates.ts';
import type { PlatformRead } from '../../core/render/plan-document.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import { compareText } from '../../core/words/keys.ts';
import type { FailedProgram } from '../../engine/read.ts';
import type { ProgramPair } from '../../review/pairs.ts';
import {
  type PlannedPair,
  planPairs,
  type PlannedPairs,
  type ReviewPlatform,
} from '../../review/plan-both.ts';
import type { PlatformReader, Telemetry } from '../../ports/index.ts';
import type { Session } from '../session.ts';
import type { Administration, NamedConnection } from '../settings.ts';
import { systemClock, systemRandom } from '../system.ts';
import { surroundingsOf } from './connections.ts';
import { openPlatform } from './platform.ts';
import { createTelemetry } from './telemetry.ts';

/** What a review found at the platforms, and what it cost. */
export interface Judged {
  readonly planned: readonly PlannedPair[];
  readonly failed: readonly FailedProgram[];
  readonly platforms: readonly PlatformRead[];
  readonly reads: number;
  /** Connections to platforms without an interface, where people click; absent: none. */
  readonly byHand?: readonly string[];
}

/** What a running controller lends to its reviews: its settings in force, and readers that keep to its pace. */
export interface ReviewWithin {
  readonly administration: Administration;
  /** By connection, telling `calls` of each call it makes; undefined: no such connection is open. */
  readonly reader: (connection: string, calls: Telemetry) => PlatformReader | undefined;
  /** Which files of a tree are read; paths are seen from its root. */
  readonly isWanted: (path: string) => boolean;
}

/**
 * Plans every touched program against the platforms of the administrator's connections.
 *
 * @param within  absent: each connection is opened, and closed again
 */
export async function judgeAtPlatforms(
  session: Session,
  administration: Administration,
  pairs: readonly ProgramPair[],
  within?: ReviewWithin,
): Promise<Judged> {
  const { telemetry, done } = await createTelemetry(session);
  const counted = countReads(telemetry);
  const judged: (PlannedPairs & { readonly platform: PlatformRead })[] = [];
  const unknown: FailedProgram[] = [];
  try {
    for (const [name, members] of byConnection(pairs)) {
      const connection = administration.connections.find((one) => one.name === name);
      if (!connection) {
        unknown.push(...members.flatMap((pair) => withoutConnection(pair, name)));
        continue;
      }
      judged.push(
        await judgeAt(
          { session, administration, telemetry: counted.telemetry, count: counted.count, within },
          connection,
          members,
        ),
      );
    }
  } finally {
    done();
  }
  return {
    planned: judged.flatMap(({ planned }) => planned),
    failed: [...judged.flatMap(({ failed }) => failed), ...unknown],
    platforms: judged.map(({ platform }) => platform),
    reads: counted.reads(),
  };
}

export function byConnection(
  pairs: readonly ProgramPair[],
): readonly (readonly [string, readonly ProgramPair[]])[] {
  const groups = Map.groupBy(pairs, (pair) => programOf(pair)?.connection ?? '');
  return [...groups].sort(([a], [b]) => compareText(a, b));
}

function programOf({ before, after }: ProgramPair): DesiredProgram | undefined {
  return after ?? before;
}

interface Opening {
  readonly session: Session;
  readonly administration: Administration;
  readonly telemetry: Telemetry;
  /** For a lent reader, which tells the rest by itself. */
  readonly count: Telemetry;
  readonly within: ReviewWithin | undefined;
}

async function judgeAt(
  opening: Opening,
  connection: NamedConnection,
  pairs: readonly ProgramPair[],
): Promise<PlannedPairs & { readonly platform: PlatformRead }> {
  const { session, administration, telemetry } = opening;
  const opened = await readerFor(opening, connection);
  try {
    const { reader } = opened;
    const ports = { reader, clock: systemClock, random: systemRandom, telemetry };
    const platform = platformOf(connection, administration, ports);
    const pairsPlanned = await planPairs(pairs, platform, session.signal);
    return { ...pairsPlanned, platform: readOf(connection, pairsPlanned) };
  } finally {
    await opened.close();
  }
}

async function readerFor(
  { session, administration, telemetry, count, within }: Opening,
  connection: NamedConnection,
): Promise<{ readonly reader: PlatformReader; readonly close: () => Promise<void> }> {
  const lent = within?.reader(connection.name, count);
  if (lent) return { reader: lent, close: () => Promise.resolve() };
  const { platform: reader, close } = await openPlatform(
    connection,
    surroundingsOf(session, administration, telemetry),
  );
  return { reader, close };
}

/** What a review may hold of a connection. */
export function platformOf(
  { name, spec }: NamedConnection,
  administration: Administration | undefined,
  ports: ReviewPlatform['ports'],
): ReviewPlatform {
  const { installation = 'default', takeOver = [] } = administration?.settings ?? {};
  return {
    ...{ connection: name, gates: gatesOf(spec.gates), ports, installation, takeOver },
    suspended: spec.suspend?.reason,
    attested: false,
  };
}

function readOf({ name, spec }: NamedConnection, { planned }: PlannedPairs): PlatformRead {
  return {
    connection: name,
    platform: spec.platformId,
    driver: spec.driver,
    emulator: planned.some(({ before, after }) => (after ?? before)?.plan.emulator === true),
  };
}

/** A pull request may name any connection: that is no verdict for its program, and no failure of the others'. */
function withoutConnection(pair: ProgramPair, name: string): readonly FailedProgram[] {
  const program = programOf(pair);
  if (!program) return [];
  const error = new ReconcileError('SettingsInvalid', `no PlatformConnection is named ${name}`, {
    nextStep: 'correct spec.connection, or have the administrator add the connection',
  });
  return [{ key: program.key, error }];
}

function countReads(inner: Telemetry): {
  readonly telemetry: Telemetry;
  readonly count: Telemetry;
  readonly reads: () => number;
} {
  let reads = 0;
  const count: Telemetry = {
    emit: (event) => {
      if (event.kind === 'call' && event.operation !== 'getPlatform') reads += 1;
    },
  };
  return {
    telemetry: {
      emit: (event) => {
        count.emit(event);
        inner.emit(event);
      },
    },
    ...{ count, reads: () => reads },
  };
}
