import { describe, expect, it } from 'vitest';
import type { StatusSet } from '../../../src/core/render/status-document.ts';
import { statusText } from '../../../src/core/render/status-text.ts';
import { stringWidth } from '../../../src/core/render/width.ts';
import { now } from './build.ts';
import { minute, ago, later, change, held, base, program, setOf } from './statuses.ts';

function textOf(set: StatusSet, width = 100, all = false): string {
  return statusText(set, { style: { color: false, width, unicode: true }, all });
}

describe('statusText', () => {
  it('says everything at a glance', () => {
    const programs = [
      program('tea', 'InSync'),
      program('books', 'InSync'),
      program('coffee', 'Held', {
        message: 'merchantId waits for an approval',
        pendingSince: ago(120 * minute),
        nextAt: later(4 * minute),
        targets: { total: 4, done: 3 },
        held: [held('merchantId', 'GateRefused', 'c-00000000000a')],
      }),
    ];

    expect(textOf(setOf({ programs }))).toBe(
      `The controller runs (fairlead 0.1.0, since 2026-02-26 12:00:00Z). So it was 4 s ago.

SOURCES
  team  ready  main, 1a2b3c4d5e6f Jane Doe: Pay the new company, 12 documents, looks in 6 s

CONNECTIONS
  default  ready  mp, 3 programs, 12 releases, read 12 s ago, reads in 4 min

PROGRAMS
  coffee  held for 3 min  acme/id-of-coffee, 3 of 4 targets, pending for 2 h, next pass in 4 min
      2.5.0/megapay/Production merchantId: GateRefused, it says why
      fairlead approve c-00000000000a
  2 programs in sync

oldest pending change: coffee, since 2026-03-01 10:00:00Z (2 h)
next run: in 6 s
`,
    );
  });

  it.each<{
    readonly name: string;
    readonly set: StatusSet;
    readonly expected: readonly string[];
    readonly never?: readonly string[];
  }>([
    {
      name: 'no controller runs',
      set: setOf({ at: ago(3 * 86_400_000) }, { running: false }),
      expected: ['No controller runs on /var/lib/fairlead. So the last one left it 3 d ago.'],
      never: ['next run', 'looks', 'reads'],
    },
    {
      name: 'nobody can tell',
      set: setOf({}, { running: undefined }),
      expected: ['Whether a controller runs on /var/lib/fairlead cannot be told.'],
    },
    {
      name: 'the controller hangs',
      set: setOf({ at: ago(5 * minute) }),
      expected: ['It has said nothing for 5 min'],
    },
    {
      name: 'it has just been started',
      set: { stateDir: '/s', running: true, status: undefined, now },
      expected: ['A controller was started on /s and has said nothing yet.'],
      never: ['PROGRAMS'],
    },
    {
      name: 'everything is suspended, the file is wrong, the disk is full',
      set: setOf({
        suspended: { reason: 'incident', by: 'root', until: later(minute) },
        config: {
          ...base.config,
          trouble: { code: 'SettingsInvalid', message: 'line 3', nextStep: 'mend it' },
        },
        ledgerTrouble: 'the ledger cannot be kept (disk full)',
      }),
      expected: [
        'Everything is suspended until 2026-03-01 12:01:00Z by root: incident',
        'fairlead.yaml is not used as it is now.',
        'SettingsInvalid: line 3\nnext: mend it',
        'the ledger cannot be kept (disk full)',
      ],
    },
    {
      name: 'reviews of pull requests, and what troubles them',
      set: setOf({
        sources: [
          {
            ...base.sources[0]!,
            reviews: {
              ...{ open: 3, waiting: 1, reviewedAt: ago(2 * minute) },
              trouble: { code: 'ForgeRefused', message: 'the token may not comment' },
            },
          },
        ],
      }),
      expected: [
        'reviews: 3 open, 1 waiting, last 2 min ago',
        'ForgeRefused: the token may not comment',
      ],
    },
    {
      name: 'a source that fails, and one that moved backwards',
      set: setOf({
        sources: [
          {
            ...base.sources[0]!,
            state: 'Rewound',
            changeId: change('c-00000000000e'),
            trouble: { code: 'SourceRewound', message: 'main went back' },
            problems: ['a.yaml:3: unknown field'],
            problemCount: 4,
          },
        ],
      }),
      expected: [
        'rewound for 60 s',
        'SourceRewound: main went back',
        'fairlead approve c-00000000000e',
        'a.yaml:3: unknown field',
        'and 3 more problems',
      ],
    },
    {
      name: 'which tag of a range is in force',
      set: setOf({
        sources: [
          {
            ...base.sources[0]!,
            ref: '>=1.0.0',
            commit: { ...base.sources[0]!.commit!, ref: 'v1.2.0' },
          },
        ],
      }),
      expected: ['>=1.0.0', 'v1.2.0'],
    },
    {
      name: 'a platform that is slow, and a credential that ends',
      set: setOf({
        connections: [
          {
            ...base.connections[0]!,
            rateNow: 7.5,
            queued: { hot: 1, sweep: 2 },
            credentialExpiresAt: later(86_400_000),
          },
        ],
      }),
      expected: [
        '3 waiting',
        '7.5 of 20 calls a second',
        'its credential ends at 2026-03-02 12:00:00Z',
      ],
    },
    {
      name: 'nothing is declared',
      set: setOf(),
      expected: ['no program is declared', 'nothing is pending'],
    },
    {
      name: 'what nobody can approve has no command',
      set: setOf({
        programs: [
          program('coffee', 'Held', { held: [held('testers', 'Suspended', 'c-00000000000a')] }),
        ],
      }),
      expected: ['testers: Suspended'],
      never: ['fairlead approve'],
    },
    {
      name: 'many held fields are counted, with one id for all that can be approved',
      set: setOf({
        programs: [
          program('coffee', 'Held', {
            held: Array.from({ length: 7 }, (_, i) =>
              held('merchantId', 'GateRefused', `c-00000000000${String(i)}`),
            ),
          }),
        ],
      }),
      expected: ['and 2 more held', 'all that can be approved: fairlead approve c-00000000000d'],
      never: ['c-000000000006'],
    },
    {
      name: 'drift is reported, which is no reason to be out of sync',
      set: setOf({
        programs: [
          program('tea', 'InSync'),
          program('coffee', 'InSync', {
            held: [
              {
                ...held('merchantId', 'GateRefused', 'c-00000000000a'),
                reason: 'DriftReported',
                message: 'merchantId: somebody changed it: --allow c-00000000000a',
              },
            ],
          }),
        ],
      }),
      expected: [
        'coffee  in sync',
        'merchantId: DriftReported, somebody changed it\n      fairlead approve c-00000000000a',
        'and 1 more program in sync',
      ],
      never: ['--allow'],
    },
    {
      name: 'blocked, with what to do',
      set: setOf({
        programs: [
          program('coffee', 'Blocked', {
            blocked: [{ where: 'global', reasons: ['Contended'], nextStep: 'ask them' }],
          }),
          program('tea', 'Failing', {
            trouble: { code: 'PlatformUnavailable', message: 'no answer', nextStep: 'wait' },
          }),
        ],
      }),
      expected: ['global: Contended; next: ask them', 'PlatformUnavailable: no answer'],
    },
    {
      name: 'a start with many programs',
      set: setOf({
        programs: [
          ...Array.from({ length: 500 }, (_, i) => program(`p${String(i)}`, 'Unknown')),
          ...Array.from({ length: 30 }, (_, i) => program(`q${String(i)}`, 'Pending')),
        ],
      }),
      expected: ['500 programs not planned yet', 'and 10 more programs pending'],
      never: ['p499', 'q29'],
    },
  ])('says it when $name', ({ set, expected, never = [] }) => {
    const text = textOf(set);

    for (const part of expected) expect(text).toContain(part);
    for (const part of never) expect(text).not.toContain(part);
  });

  it('lists everything with --all, and one program where it was asked for', () => {
    const programs = [program('tea', 'InSync'), program('coffee', 'Pending')];
    const chosen = programs[0]!.id;

    expect(textOf(setOf({ programs }), 100, true)).toContain('tea     in sync');
    const one = textOf(setOf({ programs }, { chosen }));
    expect(one).toContain('tea  in sync');
    expect(one).not.toMatch(/coffee|SOURCES|CONNECTIONS/);
  });

  it('stays within a narrow terminal', () => {
    const long = program('a-name-that-is-longer-than-anybody-should-give-a-program', 'Held', {
      held: [held('merchantId', 'GateRefused', 'c-00000000000a')],
    });
    const text = textOf(setOf({ programs: [long, program('tea', 'Pending')] }), 60);
    const tooLong = text.split('\n').filter((line) => stringWidth(line) > 60);

    expect(tooLong).toEqual([]);
  });

  it('makes what others wrote inert', () => {
    const wild = 'x\u001b[31m\ny\u202e';
    const text = textOf(
      setOf({
        suspended: { reason: wild, by: wild },
        sources: [{ ...base.sources[0]!, ref: wild, problems: [wild], problemCount: 1 }],
        programs: [
          program(wild, 'Blocked', {
            message: wild,
            blocked: [{ where: wild, reasons: ['Contended'], nextStep: wild }],
          }),
        ],
      }),
    );

    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  });
});
