import { describe, expect, it } from 'vitest';

import type { ConnectionStatus, SourceStatus } from '../../../src/core/model/controller.ts';
import type { ChangeId } from '../../../src/core/model/plan.ts';
import {
  configProfileStatus,
  gitSourceStatus,
  platformConnectionStatus,
} from '../../../src/core/status/settings-status.ts';
import type { Problem } from '../../../src/core/words/problems.ts';
import { epochMs, isoTime } from '../../../src/core/words/time.ts';
import { capabilities } from '../plan/fixtures.ts';

const now = epochMs(Date.UTC(2026, 0, 31, 9));
const object = { generation: 2, annotations: {}, status: undefined };
const locate = () => ({ file: 'none', line: 1, column: 1 });

function readyOf({
  conditions = [],
}: {
  conditions?: { status: string; reason: string; type: string; message: string }[];
}) {
  const [ready, ...beside] = conditions;
  return [`${ready?.status} ${ready?.reason}`, ...beside.map(({ type }) => type)].join(' ');
}

const mistake: Problem = {
  rule: 'unknown-field',
  severity: 'error',
  message: 'Unknown field colour in spec.',
  nextStep: 'Remove it.',
  origin: { file: 'releases/coffee.yaml', line: 7, column: 3 },
};

describe('a GitSource', () => {
  const commit = { id: 'a'.repeat(40) };
  const source = (more: Partial<SourceStatus>): SourceStatus => ({
    ...{ name: 'team-a/shop', url: 'https://git.example/shop.git', ref: 'main', state: 'Ready' },
    ...{ since: now, documents: 3, problems: [], problemCount: 0 },
    ...more,
  });
  const statusOf = (
    more: Partial<SourceStatus>,
    problems: readonly Problem[] = [],
    status?: unknown,
  ) =>
    gitSourceStatus({
      object: { ...object, status },
      now,
      source: source(more),
      problems,
      programs: 2,
    });

  it.each([
    {
      name: 'not read yet',
      why: 'nothing is known',
      more: { state: 'Reading' },
      ready: 'Unknown NotYetSeen Reconciling',
    },
    {
      name: 'carried out',
      why: 'the commit was acted on',
      more: { commit, completed: commit.id },
      ready: 'True InSync',
    },
    {
      name: 'under way',
      why: 'a newer commit is not acted on',
      more: { commit, completed: 'b'.repeat(40) },
      ready: 'False Progressing Reconciling',
    },
    {
      name: 'unreachable',
      why: 'it may come back',
      more: { state: 'Failing', trouble: { code: 'SourceUnavailable', message: 'no route' } },
      ready: 'False SourceUnavailable Reconciling',
    },
    {
      name: 'not signed',
      why: 'somebody can sign',
      more: { state: 'Failing', trouble: { code: 'SourceRefused', message: 'not signed' } },
      ready: 'False SourceRefused Reconciling',
    },
    {
      name: 'rewound',
      why: 'a newer commit or a word resolves it',
      more: { state: 'Rewound', changeId: 'c-0123456789ab' as ChangeId },
      ready: 'False SourceRewound Reconciling',
    },
    {
      name: 'invalid in part',
      why: 'a person has to change the repository',
      more: { commit, completed: commit.id, problemCount: 1 },
      ready: 'False Invalid Stalled',
    },
  ] as const)('$name', ({ more, ready, why }) => {
    expect(readyOf(statusOf(more)), why).toBe(ready);
  });

  describe('what was completed', () => {
    const known = {
      id: 'b'.repeat(40),
      at: '2026-01-01T00:00:00Z',
      committedAt: '2025-12-31T00:00:00Z',
      url: 'https://git.example/other.git',
      ref: 'release',
    };

    it.each([
      {
        name: 'stays while this process has completed nothing',
        why: 'the next one judges from it what is held',
        more: { commit },
        expected: known,
      },
      {
        name: 'stays while the ref is held',
        why: 'a second restart must hold it, too',
        more: { state: 'Rewound' },
        expected: known,
      },
      {
        name: 'is replaced by the commit that was completed since',
        why: 'with what it is of, and when it was made',
        more: { commit: { ...commit, at: now }, completed: commit.id },
        expected: {
          ...{ id: commit.id, at: isoTime(now), committedAt: isoTime(now) },
          ...{ url: 'https://git.example/shop.git', ref: 'main' },
        },
      },
    ] as const)('$name', ({ more, expected, why }) => {
      expect(statusOf(more, [], { completed: known }).completed, why).toEqual(expected);
    });
  });

  it('says file and line of a mistake', () => {
    const status = statusOf({ commit, completed: commit.id, problemCount: 1 }, [mistake]);

    expect(status.conditions?.[0]?.message).toBe(
      'Unknown field colour in spec. Remove it. See releases/coffee.yaml:7.',
    );
    expect(status.firstProblems).toEqual([
      {
        place: 'releases/coffee.yaml:7',
        rule: 'unknown-field',
        message: 'Unknown field colour in spec.',
        nextStep: 'Remove it.',
      },
    ]);
  });

  it('tells how a rewound ref is allowed', () => {
    const status = statusOf({ state: 'Rewound', changeId: 'c-0123456789ab' as ChangeId });

    expect(status.conditions?.[0]?.message).toContain('fairlead.dev/approve: c-0123456789ab');
  });

  it('keeps since when a commit was seen', () => {
    const before = { seen: { id: commit.id, at: '2026-01-01T00:00:00.000Z' } };

    expect(statusOf({ commit }, [], before).seen?.at).toBe('2026-01-01T00:00:00.000Z');
    expect(statusOf({ commit: { id: 'c'.repeat(40) } }, [], before).seen?.at).toBe(
      '2026-01-31T09:00:00.000Z',
    );
  });
});

describe('a PlatformConnection', () => {
  const connection = (more: Partial<ConnectionStatus> = {}): ConnectionStatus => ({
    ...{ name: 'default', platform: 'mp', state: 'Ready', since: now, programs: 4, releases: 9 },
    ...{ requestsPerSecond: 10, rateNow: 10, queued: { hot: 0, sweep: 0 } },
    ...more,
  });
  const info = {
    id: 'mp',
    emulator: true,
    capabilities,
    caller: { client: 'fairlead-ci', workspaces: [{ id: 'acme', rights: [] }] },
  };
  const base = { object, now, info, problems: [], locate, suspended: undefined };

  it.each([
    {
      name: 'no process yet',
      why: 'nothing is known',
      input: { ...base, connection: undefined },
      ready: 'Unknown NotYetSeen Reconciling',
    },
    {
      name: 'starting',
      why: 'nothing is known',
      input: { ...base, connection: connection({ state: 'Starting' }) },
      ready: 'Unknown NotYetSeen Reconciling',
    },
    {
      name: 'answering',
      why: 'it is the platform that was named',
      input: { ...base, connection: connection() },
      ready: 'True InSync',
    },
    {
      name: 'failing',
      why: 'it may come back',
      input: {
        ...base,
        connection: connection({
          state: 'Failing',
          trouble: { code: 'PlatformUnavailable', message: 'down' },
        }),
      },
      ready: 'False PlatformUnavailable Reconciling',
    },
    {
      name: 'another platform',
      why: 'the administrator can correct either side',
      input: {
        ...base,
        connection: connection({
          state: 'Failing',
          trouble: { code: 'PlatformMismatch', message: 'other' },
        }),
      },
      ready: 'False PlatformMismatch Reconciling',
    },
    {
      name: 'suspended',
      why: 'that is wanted',
      input: { ...base, connection: connection(), suspended: 'maintenance' },
      ready: 'True Suspended',
    },
    {
      name: 'invalid',
      why: 'a person has to change it',
      input: { ...base, connection: connection(), problems: [mistake] },
      ready: 'False Invalid Stalled',
    },
  ] as const)('$name', ({ input, ready, why }) => {
    expect(readyOf(platformConnectionStatus(input)), why).toBe(ready);
  });

  it('says what the platform said of itself', () => {
    const expires = epochMs(Date.UTC(2026, 5, 1));

    const status = platformConnectionStatus({
      ...base,
      connection: connection({ credentialExpiresAt: expires }),
    });

    expect({ ...status, conditions: undefined }).toEqual({
      observedGeneration: 2,
      platform: 'mp',
      client: 'fairlead-ci',
      capabilities: [
        'conditionalWrites',
        'frozen',
        'increments',
        'marks',
        'readableVariables',
        'requestIds',
      ],
      workspaces: 1,
      programs: 4,
      credentialExpiresAt: '2026-06-01T00:00:00.000Z',
    });
  });
});

describe('a ConfigProfile', () => {
  const base = { object, now, problems: [], locate };

  it.each([
    {
      name: 'used',
      why: 'valid is all it can be',
      input: { ...base, users: { programs: 1, releases: 2 } },
      ready: 'True Valid',
    },
    {
      name: 'not counted yet',
      why: 'nothing is known',
      input: { ...base, users: undefined },
      ready: 'Unknown NotYetSeen Reconciling',
    },
    {
      name: 'invalid',
      why: 'a person has to change it',
      input: { ...base, problems: [mistake], users: { programs: 0, releases: 0 } },
      ready: 'False Invalid Stalled',
    },
  ])('$name', ({ input, ready, why }) => {
    expect(readyOf(configProfileStatus(input)), why).toBe(ready);
  });

  it('says who uses it', () => {
    const status = configProfileStatus({ ...base, users: { programs: 1, releases: 2 } });

    expect(status.conditions?.[0]?.message).toBe('Named by 1 program and 2 releases.');
    expect([status.programs, status.releases]).toEqual([1, 2]);
  });
});
