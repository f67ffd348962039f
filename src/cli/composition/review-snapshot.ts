import type { KnownPlatform } from '../../core/snapshot/read.ts';
import type { SnapshotSeal } from '../../core/snapshot/signature.ts';
import { createSnapshotReader } from '../../platform/snapshot.ts';
import type { ProgramPair } from '../../review/pairs.ts';
import { type PlannedPair, planPairs, type PlannedSide } from '../../review/plan-both.ts';
import type { Session } from '../session.ts';
import type { Administration } from '../settings.ts';
import { systemClock, systemRandom } from '../system.ts';
import { byConnection, type Judged, platformOf } from './review-platform.ts';
import { verifyingKey } from './snapshot-keys.ts';
import { knownFor, platformsIn, readBytes } from './snapshot-plan.ts';
import { ageOf, proofOf, refuseOld, type SnapshotDemand } from './snapshot-proof.ts';

/** A snapshot that may be believed. */
export interface ReadSnapshot {
  readonly file: string;
  readonly platforms: readonly KnownPlatform[];
  /** Present where a signature was demanded. */
  readonly seal: SnapshotSeal | undefined;
}

export interface SnapshotGiven {
  readonly file: string;
  readonly key: string | undefined;
  readonly maxAge: string | undefined;
  /** Of the checkout. */
  readonly top: string | undefined;
}

/**
 * Reads a snapshot for a review: its signature first, by the very bytes that are read afterwards.
 *
 * @throws CliError `SnapshotNotFound`, `SnapshotUnsigned`, `SnapshotTampered`, `SnapshotTooOld`, `SnapshotInvalid`, `KeyInvalid`
 */
export async function readForReview({
  file,
  key,
  maxAge,
  top,
}: SnapshotGiven): Promise<ReadSnapshot> {
  const demand: SnapshotDemand = {
    key: key === undefined ? undefined : await verifyingKey(key, top),
    maxAgeMs: ageOf(maxAge, key !== undefined),
  };
  const bytes = await readBytes(file);
  const seal = proofOf(file, bytes, demand);
  const platforms = platformsIn(file, bytes);
  refuseOld(file, { platforms, seal }, demand, systemClock.wall());
  return { file, platforms, seal };
}

/** Plans every touched program against a file: no credential, no socket. @throws CliError `SnapshotLacks` */
export async function judgeBySnapshot(
  session: Session,
  administration: Administration | undefined,
  pairs: readonly ProgramPair[],
  { file, platforms }: ReadSnapshot,
): Promise<Judged> {
  const telemetry = { emit: () => undefined };
  const judged = [];
  for (const [name, members] of byConnection(pairs)) {
    const known = knownFor(
      members.flatMap(({ before, after }) => after ?? before ?? []),
      platforms,
      file,
    );
    const found = administration?.connections.find((one) => one.name === name);
    const connection = found ?? {
      name,
      spec: { platformId: known.platform, driver: 'http' as const },
    };
    const reader = createSnapshotReader(known);
    const ports = { reader, clock: systemClock, random: systemRandom, telemetry };
    const platform = { ...platformOf(connection, administration, ports), attested: true };
    const { planned, failed } = await planPairs(members, platform, session.signal);
    judged.push({ name, known, failed, planned: planned.map((pair) => asOf(pair, known)) });
  }
  return {
    planned: judged.flatMap(({ planned }) => planned),
    failed: judged.flatMap(({ failed }) => failed),
    // A connection of the settings is an interface, whatever the snapshot is made of.
    byHand: judged
      .filter(({ name, known }) => isByHand(known) && !isConnected(administration, name))
      .map(({ name }) => name),
    platforms: judged.map(({ name, known }) => ({
      connection: name,
      platform: known.platform,
      driver: 'snapshot',
      emulator: known.emulator,
      attestedAt: known.attestedAt ?? known.observedAt,
    })),
    reads: 0,
  };
}

function isByHand({ programs }: KnownPlatform): boolean {
  return programs.some(({ byHand }) => byHand);
}

function isConnected(administration: Administration | undefined, name: string): boolean {
  return administration?.connections.some((connection) => connection.name === name) ?? false;
}

/** What a file says is as old as the file. */
function asOf({ key, before, after }: PlannedPair, known: KnownPlatform): PlannedPair {
  return { key, before: aged(before, known), after: aged(after, known) };
}

function aged(
  side: PlannedSide | undefined,
  { observedAt }: KnownPlatform,
): PlannedSide | undefined {
  return side && { ...side, plan: { ...side.plan, observedAt } };
}
