import { noLedger } from '../../ledger/ledger.ts';
import { readFile } from 'node:fs/promises';
import type { DesiredProgram } from '../../core/model/desired.ts';
import { expandAllowed } from '../../core/plan/identity.ts';
import { resolve, type Trust } from '../../core/resolve/resolve.ts';
import { readSnapshot, type KnownPlatform } from '../../core/snapshot/read.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import { createSnapshotReader } from '../../platform/snapshot.ts';
import type { ReadPorts } from '../../ports/index.ts';
import { createSecretMap } from '../../secrets/map.ts';
import { CliError } from '../exit.ts';
import type { Session } from '../session.ts';
import type { NamedConnection } from '../settings.ts';
import { systemClock, systemRandom } from '../system.ts';
import type { CommandDeclarations } from './command-declarations.ts';
import {
  byConnection,
  createLine,
  decideLine,
  planLine,
  plansOf,
  type Line,
  type PlannedLine,
} from './pass.ts';
import { writesOf, type PlannedSet, type PlanOptions } from './plan-set.ts';

const defaultRequestsPerSecond = 10;
const timeoutMs = 30_000;

/**
 * Plans against a file instead of a platform: no credential, no secret, no socket. Such a plan is shown and never applied.
 *
 * @throws CliError `SnapshotNotFound`, `SnapshotInvalid`, `SnapshotLacks`
 */
export async function planFromSnapshot(
  session: Session,
  declared: CommandDeclarations,
  options: PlanOptions & { readonly snapshot: string },
): Promise<PlannedSet> {
  const platforms = await readPlatforms(options.snapshot);
  const settings = settingsOf(declared, options);
  const groups = byConnection(programsFor(declared, platforms)).map(([name, programs]) => ({
    name,
    programs,
    known: knownFor(programs, platforms, options.snapshot),
  }));
  const lines: PlannedLine[] = [];
  for (const { name, programs, known } of groups) {
    const line = lineOver(known, connectionOf(declared, name, known), settings);
    lines.push(asOf(await planLine(line, programs, session.signal), known));
  }
  const plans = plansOf(lines);
  const allowed = expandAllowed(plans, options.allowed);
  const now = systemClock.wall();
  const decisions = lines.flatMap((line) =>
    decideLine(line, { allowed, programsInCommit: options.programsInCommit }, now),
  );
  return {
    ...settings,
    allowed: options.allowed,
    lines,
    failed: lines.flatMap(({ failed }) => failed),
    set: {
      plans,
      decisions,
      platforms: groups.map(({ name, known }) => ({
        connection: name,
        platform: known.platform,
        driver: 'snapshot',
        emulator: known.emulator,
        attestedAt: known.attestedAt ?? known.observedAt,
      })),
      apiCalls: { reads: 0, writes: writesOf(decisions) },
      ratePerSecond: Math.min(1000, ...lines.map(({ line }) => line.opened.requestsPerSecond)),
      problems: declared.problems,
      locate: declared.locate,
      now,
      all: options.all,
    },
  };
}

/** The platforms a file tells of. @throws CliError `SnapshotNotFound`, `SnapshotInvalid` */
async function readPlatforms(file: string): Promise<readonly KnownPlatform[]> {
  return platformsIn(file, await readBytes(file));
}

/** @throws CliError `SnapshotInvalid` */
export function platformsIn(file: string, bytes: Uint8Array): readonly KnownPlatform[] {
  const { platforms, problems } = readSnapshot(file, bytes);
  if (problems.length > 0) {
    throw new CliError('SnapshotInvalid', `the snapshot ${file} is invalid`, {
      problems,
      nextStep: 'correct it, or take it again: fairlead snapshot PATH --out FILE',
    });
  }
  if (platforms.length === 0) {
    throw new CliError('SnapshotInvalid', `the snapshot ${file} is empty: no document in it`, {
      nextStep: 'take one with: fairlead snapshot PATH --out FILE',
    });
  }
  return platforms;
}

/** @throws CliError `SnapshotNotFound` */
export async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new CliError('SnapshotNotFound', `the snapshot ${file} cannot be read`, {
      cause,
      nextStep: 'take one with: fairlead snapshot PATH --out FILE',
    });
  }
}

/** Without settings a connection is the platform of the snapshot, if there is but one, or the one of its own name. */
function programsFor(
  { administration, programs, sources, locate }: CommandDeclarations,
  platforms: readonly KnownPlatform[],
): readonly DesiredProgram[] {
  if (administration) return programs;
  return resolve(sources, trustIn(platforms, programs), locate).programs;
}

/** Without settings: whom the connections of these programs lead to. */
export function trustIn(
  platforms: readonly KnownPlatform[],
  programs: readonly Pick<DesiredProgram, 'connection'>[],
): Trust {
  const [first, ...others] = platforms;
  const only = others.length === 0 ? first?.platform : undefined;
  const names = [...new Set(programs.map(({ connection }) => connection))];
  const connections = names.map((name) => [name, { platformId: only ?? name }] as const);
  return { connections: Object.fromEntries(connections), order: [] };
}

/** The platform of these programs, which go through one connection. @throws CliError `SnapshotLacks` */
export function knownFor(
  programs: readonly DesiredProgram[],
  platforms: readonly KnownPlatform[],
  file: string,
): KnownPlatform {
  const wanted = programs[0]?.key.platform;
  const known = platforms.find(({ platform }) => platform === wanted);
  if (known) return known;
  const there = platforms.map(({ platform }) => platform).join(', ');
  throw new CliError('SnapshotLacks', `${file} tells nothing of platform ${wanted ?? ''}`, {
    nextStep: `it tells of ${there}; take it again through the right connection, or name the settings that say which platform a connection is`,
  });
}

interface Settings {
  readonly installation: string;
  readonly takeOver: readonly string[];
}

function settingsOf({ administration }: CommandDeclarations, options: PlanOptions): Settings {
  const { installation = 'default', takeOver = [] } = administration?.settings ?? {};
  return { installation, takeOver: [...takeOver, ...options.takeOver] };
}

function connectionOf(
  { administration }: CommandDeclarations,
  name: string,
  { platform }: KnownPlatform,
): NamedConnection {
  const found = administration?.connections.find((connection) => connection.name === name);
  return found ?? { name, spec: { platformId: platform, driver: 'http' } };
}

/** A line whose platform can only be read, and which knows no secret. */
function lineOver(known: KnownPlatform, connection: NamedConnection, settings: Settings): Line {
  const ports: Omit<ReadPorts, 'reader'> = {
    secrets: createSecretMap({
      mappings: undefined,
      needsFor: false,
      connections: {},
      env: {},
      directory: '',
    }),
    ledger: noLedger(),
    clock: systemClock,
    random: systemRandom,
    telemetry: { emit: () => undefined },
  };
  const platform = { ...createSnapshotReader(known), write: refuseWrite };
  const line = createLine(
    {
      connection,
      platform,
      endpoint: '',
      keys: { previous: [] },
      requestsPerSecond: connection.spec.requestsPerSecond ?? defaultRequestsPerSecond,
      timeoutMs,
      close: async () => undefined,
    },
    ports,
    settings,
  );
  return { ...line, context: { ...line.context, attested: true } };
}

async function refuseWrite(): Promise<never> {
  throw new ReconcileError('LocalFailure', 'a snapshot cannot be written');
}

/** What a file says is as old as the file; that it lists no increments is no lack of the platform. */
function asOf(line: PlannedLine, { observedAt, capabilities }: KnownPlatform): PlannedLine {
  const isLack = (name: string): boolean => name !== 'increments' || !capabilities.increments;
  return {
    ...line,
    planned: line.planned.map((each) => ({
      ...each,
      plan: { ...each.plan, observedAt, lacks: each.plan.lacks.filter(isLack) },
    })),
  };
}
