import type {
  ConnectionStatus,
  ControllerStatus,
  ProgramStatus,
  SourceStatus,
} from '../../../src/core/model/controller.ts';
import { programId, type ProgramKey } from '../../../src/core/words/keys.ts';
import { epochMs } from '../../../src/core/words/time.ts';

/** 2026-01-01T12:00:00Z. */
export const now = epochMs(1_767_268_800_000);

/** A moment so many seconds before now. */
export function ago(seconds: number) {
  return epochMs(now - seconds * 1000);
}

export function connection(rest: Partial<ConnectionStatus> = {}): ConnectionStatus {
  return {
    name: 'main',
    platform: 'mpp',
    state: 'Ready',
    since: ago(3600),
    programs: 3,
    releases: 12,
    requestsPerSecond: 10,
    rateNow: 5,
    queued: { hot: 1, sweep: 2 },
    ...rest,
  };
}

export function source(rest: Partial<SourceStatus> = {}): SourceStatus {
  return {
    name: 'shop',
    url: 'https://git.example.com/shop.git',
    ref: 'main',
    state: 'Ready',
    since: ago(3600),
    documents: 7,
    problems: [],
    problemCount: 0,
    ...rest,
  };
}

export function program(miniProgram: string, rest: Partial<ProgramStatus> = {}): ProgramStatus {
  const key: ProgramKey = { platform: 'mpp', workspace: 'w', miniProgram };
  return {
    id: programId(key),
    key,
    names: [miniProgram],
    connection: 'main',
    sources: ['shop'],
    state: 'InSync',
    since: ago(3600),
    targets: { total: 4, done: 4 },
    held: [],
    blocked: [],
    ...rest,
  };
}

export function status(rest: Partial<ControllerStatus> = {}): ControllerStatus {
  return {
    formatVersion: 1,
    kind: 'ControllerStatus',
    version: '0.1.0',
    startedAt: ago(7200),
    at: now,
    config: { file: '/etc/fairlead.yaml', loadedAt: ago(7200) },
    sources: [source()],
    connections: [connection()],
    programs: [],
    ...rest,
  };
}
