import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { statusDocument, type StatusSet } from '../../../src/core/render/status-document.ts';
import { StatusSchema } from '../../../src/core/render/status-schema.ts';
import { now } from './build.ts';
import { minute, ago, later, held, base, program, setOf } from './statuses.ts';

const isStatus = new Ajv({ allErrors: true }).compile(JSON.parse(JSON.stringify(StatusSchema)));

describe('statusDocument', () => {
  it.each<{ readonly name: string; readonly set: StatusSet }>([
    {
      name: 'something is held and blocked',
      set: setOf({
        suspended: { reason: 'r', by: 'root' },
        config: { ...base.config, trouble: { code: 'SettingsInvalid', message: 'm' } },
        programs: [
          program('coffee', 'Held', {
            held: [held('merchantId', 'GateRefused', 'c-00000000000a')],
            blocked: [{ where: 'global', reasons: ['Contended'] }],
            pendingSince: ago(minute),
          }),
        ],
      }),
    },
    {
      name: 'nothing was said',
      set: { stateDir: '/s', running: undefined, status: undefined, now },
    },
  ])('is as its schema says when $name', ({ set }) => {
    isStatus(JSON.parse(JSON.stringify(statusDocument(set))));

    expect(isStatus.errors).toBeNull();
  });

  it('gives every moment as text', () => {
    const programs = [
      program('coffee', 'Held', {
        ...{ pendingSince: ago(minute), plannedAt: ago(minute), nextAt: later(minute) },
        held: [held('merchantId', 'GateRefused', 'c-00000000000a')],
      }),
      program('tea', 'InSync'),
    ];
    const suspended = { reason: 'r', by: 'root', until: later(minute) };
    const document = statusDocument(setOf({ programs, suspended }));

    expect(document).toMatchObject({
      formatVersion: 1,
      kind: 'Status',
      running: true,
      ageMs: 4_000,
      writtenAt: '2026-03-01T11:59:56.000Z',
      summary: {
        programs: 2,
        byState: { Held: 1, InSync: 1, Blocked: 0 },
        held: 1,
        oldestPending: { program: programs[0]!.id, since: '2026-03-01T11:59:00.000Z' },
        nextAt: '2026-03-01T12:00:06.000Z',
      },
      suspended: { until: '2026-03-01T12:01:00.000Z' },
    });
    const numbers = JSON.stringify(document).match(/\d{12,}/g) ?? [];
    expect(numbers, 'no moment is left as a number').toEqual([]);
  });

  it('is whole where nothing was said yet', () => {
    expect(
      statusDocument({ stateDir: '/s', running: undefined, status: undefined, now }),
    ).toMatchObject({
      ...{ kind: 'Status', running: null, writtenAt: null },
      ...{ sources: [], connections: [], programs: [] },
    });
  });
});
