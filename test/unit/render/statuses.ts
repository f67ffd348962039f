import type {
  ControllerStatus,
  ProgramState,
  ProgramStatus,
} from '../../../src/core/model/controller.ts';
import type { ChangeId } from '../../../src/core/model/plan.ts';
import type { StatusSet } from '../../../src/core/render/status-document.ts';
import { programId } from '../../../src/core/words/keys.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { now } from './build.ts';

export const minute = 60_000;
export const ago = (ms: number) => epochMs(now - ms);
export const later = (ms: number) => epochMs(now + ms);
export const change = (text: string) => text as ChangeId;

/** A program of a status: in step unless something else is said. */
export function program(
  name: string,
  state: ProgramState,
  more: Partial<ProgramStatus> = {},
): ProgramStatus {
  const key = { platform: 'mp', workspace: 'acme', miniProgram: `id-of-${name}` };
  return {
    id: programId(key),
    key,
    names: [name],
    connection: 'default',
    sources: ['team'],
    state,
    since: ago(3 * minute),
    targets: { total: 4, done: 4 },
    held: [],
    blocked: [],
    ...more,
  };
}

export const held = (path: string, reason: 'GateRefused' | 'Suspended', id: string) => ({
  where: '2.5.0/megapay/Production',
  path,
  reason,
  message: 'it says why',
  changeId: change(id),
  change: change('c-00000000000c'),
  plan: change('c-00000000000d'),
});

export const base: ControllerStatus = {
  formatVersion: 1,
  kind: 'ControllerStatus',
  version: '0.1.0',
  startedAt: ago(3 * 86_400_000),
  at: ago(4_000),
  config: { file: 'fairlead.yaml', loadedAt: ago(3 * 86_400_000) },
  sources: [
    {
      name: 'team',
      url: 'https://git.example.com/team.git',
      ref: 'main',
      state: 'Ready',
      since: ago(minute),
      commit: {
        id: '1a2b3c4d5e6f77889900',
        author: 'Jane Doe <jane@example.com>',
        subject: 'Pay the new company',
        at: ago(minute),
      },
      completed: '1a2b3c4d5e6f77889900',
      documents: 12,
      problems: [],
      problemCount: 0,
      nextLookAt: later(6_000),
    },
  ],
  connections: [
    {
      name: 'default',
      platform: 'mp',
      state: 'Ready',
      since: ago(minute),
      sweptAt: ago(12_000),
      nextSweepAt: later(4 * minute),
      programs: 3,
      releases: 12,
      requestsPerSecond: 20,
      rateNow: 20,
      queued: { hot: 0, sweep: 0 },
    },
  ],
  programs: [],
};

export function setOf(
  more: Partial<ControllerStatus> = {},
  rest: Partial<StatusSet> = {},
): StatusSet {
  return {
    stateDir: '/var/lib/fairlead',
    running: true,
    status: { ...base, ...more },
    now,
    ...rest,
  };
}
