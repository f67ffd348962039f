import type {
  ControllerStatus,
  HeldStatus,
  ProgramStatus,
  SourceStatus,
} from '../../src/core/model/controller.ts';
import type { ChangeId } from '../../src/core/model/plan.ts';
import { programId } from '../../src/core/words/keys.ts';
import { epochMs } from '../../src/core/words/time.ts';

const at = epochMs(Date.UTC(2026, 0, 1));

/** `c-` and one hexadecimal digit twelve times. */
export function changeId(digit: string): ChangeId {
  return `c-${digit.repeat(12)}` as ChangeId;
}

/** A program that a controller keeps: in step, unless something else is said. */
export function programStatus(
  { name, workspace = 'acme', id }: { name: string; workspace?: string; id: string },
  more: Partial<ProgramStatus> = {},
): ProgramStatus {
  const key = { platform: 'megaplatform', workspace, miniProgram: id };
  return {
    id: programId(key),
    key,
    names: [name],
    connection: 'default',
    sources: ['shop'],
    state: 'InSync',
    since: at,
    targets: { total: 2, done: 2 },
    held: [],
    blocked: [],
    ...more,
  };
}

/** A merchant id that waits for an approval, unless something else is said. */
export function heldStatus(changeId: ChangeId, more: Partial<HeldStatus> = {}): HeldStatus {
  return {
    where: '2.5.0/megapay/Production',
    path: 'merchantId',
    reason: 'GateRefused',
    message: 'the merchant id in Production would change',
    changeId,
    change: changeId,
    plan: changeId,
    ...more,
  };
}

export function sourceStatus(more: Partial<SourceStatus> = {}): SourceStatus {
  return {
    name: 'shop',
    url: 'https://git.example.com/shop',
    ref: 'main',
    state: 'Ready',
    since: at,
    documents: 3,
    problems: [],
    problemCount: 0,
    ...more,
  };
}

/** What a controller says of itself. */
export function controllerStatus(more: Partial<ControllerStatus> = {}): ControllerStatus {
  return {
    formatVersion: 1,
    kind: 'ControllerStatus',
    version: '0.1.0',
    startedAt: at,
    at,
    config: { file: '/etc/fairlead/fairlead.yaml', loadedAt: at },
    sources: [sourceStatus()],
    connections: [
      {
        name: 'default',
        platform: 'megaplatform',
        state: 'Ready',
        since: at,
        programs: 1,
        releases: 2,
        requestsPerSecond: 10,
        rateNow: 10,
        queued: { hot: 0, sweep: 0 },
      },
    ],
    programs: [programStatus({ name: 'coffee', id: '3500020208396321' })],
    ...more,
  };
}
