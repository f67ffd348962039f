import fc from 'fast-check';
import { createTask } from 'node-cron';
import { describe, expect, it } from 'vitest';

import { cronProblem, cronTicks } from '../../../src/cli/composition/cron.ts';
import { epochMs, isoTime } from '../../../src/core/words/time.ts';

const at = (text: string) => epochMs(Date.parse(text));

describe('the next tick', () => {
  it.each([
    {
      name: 'every quarter of an hour',
      why: 'seconds are left behind',
      cron: '*/15 * * * *',
      zone: 'UTC',
      after: '2026-03-01T10:07:31.500Z',
      expected: ['2026-03-01T10:15:00.000Z', '2026-03-01T10:30:00.000Z'],
    },
    {
      name: 'right at a tick',
      why: 'a tick comes once',
      cron: '0 * * * *',
      zone: 'UTC',
      after: '2026-03-01T10:00:00.000Z',
      expected: ['2026-03-01T11:00:00.000Z'],
    },
    {
      name: 'a millisecond before a tick',
      why: 'the tick is still to come',
      cron: '0 * * * *',
      zone: 'UTC',
      after: '2026-03-01T09:59:59.999Z',
      expected: ['2026-03-01T10:00:00.000Z'],
    },
    {
      name: 'at night in Berlin',
      why: 'the zone is meant, in winter and in summer',
      cron: '30 2 * * *',
      zone: 'Europe/Berlin',
      after: '2026-03-27T12:00:00.000Z',
      expected: [
        '2026-03-28T01:30:00.000Z',
        '2026-03-29T01:00:00.000Z',
        '2026-03-30T00:30:00.000Z',
      ],
    },
    {
      name: 'a moment that the clock skips',
      why: 'it comes as soon as the clock has been put forward: the day is not left out',
      cron: '30 2 * * *',
      zone: 'Europe/Berlin',
      after: '2026-03-29T00:59:00.000Z',
      expected: ['2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z'],
    },
    {
      name: 'many moments that the clock skips',
      why: 'what is missed is caught up with one',
      cron: '*/20 2-3 * * *',
      zone: 'Europe/Berlin',
      after: '2026-03-28T23:00:00.000Z',
      expected: [
        '2026-03-29T01:00:00.000Z',
        '2026-03-29T01:20:00.000Z',
        '2026-03-29T01:40:00.000Z',
      ],
    },
    {
      name: 'a moment that the clock shows twice',
      why: 'it comes twice: no hour is without its sweep',
      cron: '30 2 * * *',
      zone: 'Europe/Berlin',
      after: '2026-10-24T12:00:00.000Z',
      expected: [
        '2026-10-25T00:30:00.000Z',
        '2026-10-25T01:30:00.000Z',
        '2026-10-26T01:30:00.000Z',
      ],
    },
    {
      name: 'half-hourly while the clock is put back',
      why: 'the distance stays',
      cron: '*/30 * * * *',
      zone: 'Europe/Berlin',
      after: '2026-10-25T00:10:00.000Z',
      expected: [
        '2026-10-25T00:30:00.000Z',
        '2026-10-25T01:00:00.000Z',
        '2026-10-25T01:30:00.000Z',
        '2026-10-25T02:00:00.000Z',
      ],
    },
    {
      name: 'half an hour put back',
      why: 'Lord Howe moves by 30 minutes',
      cron: '45 1 * * *',
      zone: 'Australia/Lord_Howe',
      after: '2026-04-04T00:00:00.000Z',
      expected: [
        '2026-04-04T14:45:00.000Z',
        '2026-04-04T15:15:00.000Z',
        '2026-04-05T15:15:00.000Z',
      ],
    },
    {
      name: 'a day that did not exist',
      why: 'Samoa went from 29 to 31 December 2011',
      cron: '0 12 30 12 *',
      zone: 'Pacific/Apia',
      after: '2011-12-01T00:00:00.000Z',
      expected: ['2011-12-30T10:00:00.000Z', '2012-12-29T22:00:00.000Z'],
    },
    {
      name: 'a leap day',
      why: 'the longest wait: 2100 is no leap year',
      cron: '0 0 29 2 *',
      zone: 'UTC',
      after: '2096-03-01T00:00:00.000Z',
      expected: ['2104-02-29T00:00:00.000Z'],
    },
    {
      name: 'on working days, in a zone of quarter hours',
      why: 'Kathmandu is 5 h 45 ahead',
      cron: '0 9 * * mon-fri',
      zone: 'Asia/Kathmandu',
      after: '2026-11-20T12:00:00.000Z',
      expected: ['2026-11-23T03:15:00.000Z'],
    },
    {
      name: 'the last day of a month',
      why: 'a form of the library',
      cron: '0 0 L * *',
      zone: 'UTC',
      after: '2028-02-10T00:00:00.000Z',
      expected: ['2028-02-29T00:00:00.000Z', '2028-03-31T00:00:00.000Z'],
    },
  ])('$name: $cron in $zone', ({ cron, zone, after, expected, why }) => {
    const ticks = cronTicks(cron, zone);

    const found: string[] = [];
    let moment = at(after);
    for (const _ of expected) {
      moment = ticks(moment);
      found.push(isoTime(moment));
    }

    expect(found, why).toEqual(expected);
  });

  it('is the first minute that the library calls a match, where no clock is moved', () => {
    const zones = ['UTC', 'Asia/Kolkata', 'America/Sao_Paulo', 'Asia/Tokyo'];
    const field = (most: number, least = 0) =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min: least, max: most }).map(String),
        fc.integer({ min: 2, max: 9 }).map((step) => `*/${String(step)}`),
      );
    fc.assert(
      fc.property(
        fc.tuple(field(59), field(23), field(6)),
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) }),
        ([minute, hour, weekday], zone, after) => {
          const expression = `${minute} ${hour} * * ${weekday}`;
          const task = createTask(expression, () => undefined, { timezone: zone });
          void task.destroy();

          const next = cronTicks(expression, zone)(epochMs(after));

          expect(next).toBeGreaterThan(after);
          expect(task.match(new Date(next))).toBe(true);
          const from = Math.max(after, next - 600 * 60_000);
          const first = Math.floor(from / 60_000 + 1) * 60_000;
          for (let earlier = first; earlier < next; earlier += 60_000) {
            expect(task.match(new Date(earlier)), new Date(earlier).toISOString()).toBe(false);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('what is no schedule', () => {
  it.each([
    { cron: '30 2 * * 1-5', zone: 'Europe/Berlin', field: undefined, why: 'a schedule' },
    { cron: ' 30  2 * * * ', zone: 'UTC', field: undefined, why: 'spaces say nothing' },
    { cron: '0 30 2 * * *', zone: 'UTC', field: 'expression', why: 'seconds are not read' },
    { cron: '@midnight', zone: 'UTC', field: 'expression', why: 'five fields are promised' },
    { cron: '61 * * * *', zone: 'UTC', field: 'expression', why: 'no hour has 61 minutes' },
    { cron: '*/0 * * * *', zone: 'UTC', field: 'expression', why: 'a step of nothing' },
    { cron: 'a b c d e', zone: 'UTC', field: 'expression', why: 'words' },
    { cron: '0 0 30 2 *', zone: 'UTC', field: 'expression', why: 'a day that never comes' },
    { cron: '0 0 1 * 1', zone: 'UTC', field: 'expression', why: 'cron programs differ in it' },
    { cron: '0 0 * * *', zone: 'Europe/Atlantis', field: 'timeZone', why: 'no such zone' },
    { cron: '0 0 * * *', zone: '', field: 'timeZone', why: 'no zone' },
  ])('$cron in "$zone": $why', ({ cron, zone, field, why }) => {
    expect(cronProblem(cron, zone)?.field, why).toBe(field);
  });
});
