import { describe, expect, it } from 'vitest';

import { approvalsOf, requestedAt, usedApprovals } from '../../../src/core/status/annotations.ts';
import { statusBefore } from '../../../src/core/status/before.ts';
import { conditionsOf } from '../../../src/core/status/conditions.ts';
import { entryOf, mostEntryBytes, verdictOf } from '../../../src/core/status/entry.ts';
import { eventsOf } from '../../../src/core/status/events.ts';
import { sameStatus } from '../../../src/core/status/same.ts';
import { clipped, jsonBytes, plain } from '../../../src/core/status/texts.ts';
import type { ChangeId } from '../../../src/core/model/plan.ts';
import { epochMs } from '../../../src/core/words/time.ts';

const now = epochMs(Date.UTC(2026, 0, 31, 9));
const earlier = '2026-01-30T09:00:00.000Z';

describe('conditions', () => {
  const before = (status: string) =>
    statusBefore({
      conditions: [
        { type: 'Ready', status, lastTransitionTime: earlier, reason: 'Any', message: '' },
      ],
    });

  it.each([
    { name: 'the same status', why: 'another reason is no transition', was: 'False', at: earlier },
    { name: 'another status', why: 'this is one', was: 'True', at: '2026-01-31T09:00:00.000Z' },
    { name: 'none before', why: 'it begins now', was: undefined, at: '2026-01-31T09:00:00.000Z' },
  ])('$name: lastTransitionTime', ({ was, at, why }) => {
    const known = was === undefined ? statusBefore(undefined) : before(was);

    const [ready] = conditionsOf(
      { reason: 'TargetSpent', message: 'spent' },
      { generation: 3, before: known, now },
    );

    expect(ready, why).toEqual({
      type: 'Ready',
      status: 'False',
      reason: 'TargetSpent',
      message: 'spent',
      observedGeneration: 3,
      lastTransitionTime: at,
    });
  });

  it('cuts a message that no definition takes', () => {
    const [ready] = conditionsOf(
      { reason: 'InSync', message: 'x'.repeat(5000) },
      { generation: 1, before: statusBefore(undefined), now },
    );

    expect(ready?.message.length).toBe(4096);
  });
});

describe('a status from before', () => {
  it.each([
    { name: 'nothing', status: undefined },
    { name: 'a text', status: 'Ready' },
    { name: 'a list', status: [] },
    {
      name: 'lists of anything',
      status: { conditions: [1, null, {}], targets: [[], 'x', { app: 1 }] },
    },
    {
      name: 'anything as lists',
      status: { conditions: {}, targets: 'x', usedApprovals: 7, globals: null },
    },
  ])('$name is read without harm', ({ status }) => {
    const before = statusBefore(status);

    expect([before.conditions, before.targets, before.usedApprovals]).toEqual([[], [], []]);
    expect(before.target('megapay', 'Sandbox')).toBeUndefined();
  });
});

describe('annotations', () => {
  it.each([
    { name: 'one', text: 'c-0123456789ab', ids: ['c-0123456789ab'] },
    {
      name: 'several',
      text: 'c-0123456789ab, c-ba9876543210\nc-0123456789ab',
      ids: ['c-0123456789ab', 'c-ba9876543210'],
    },
    { name: 'no change id', text: 'all *  C-0123456789AB c-012', ids: [] },
  ])('approve: $name', ({ text, ids }) => {
    expect(approvalsOf({ 'fairlead.dev/approve': text })).toEqual(ids);
  });

  it('echoes what status can hold of a request', () => {
    const asked = requestedAt({ 'fairlead.dev/reconcile-requested-at': 'x'.repeat(300) });

    expect(asked?.length).toBe(253);
    expect(requestedAt({})).toBeUndefined();
  });

  it('forgets used approvals that nothing names any more, and the oldest beyond sixty-four', () => {
    const many = Array.from({ length: 70 }, (_, i) => `c-${String(i).padStart(12, '0')}`);

    const kept = usedApprovals(['c-gone', ...many], ['c-000000000000'], new Set(many));

    expect(kept.length).toBe(64);
    expect(kept.includes('c-gone')).toBe(false);
    expect(kept.at(-1)).toBe('c-000000000000');
  });
});

describe('an entry', () => {
  it('fits into a KiB whatever is long, and the approval survives', () => {
    const verdict = verdictOf({
      standing: 'held',
      reason: 'AwaitingApproval',
      says: '语'.repeat(2000),
      approvals: ['c-0123456789ab' as ChangeId],
      action: 'update',
    });
    const long = '语'.repeat(256);

    const entry = entryOf({ app: 'a'.repeat(64), environment: 'Production' }, verdict, {
      releaseId: 'r'.repeat(64),
      status: 'NewVersionCreated',
      effectiveDigest: 'd'.repeat(43),
      mark: 'm'.repeat(247),
      testQrCode: long,
    });

    expect(jsonBytes(entry)).toBeLessThanOrEqual(mostEntryBytes);
    expect(verdict.nextStep?.length).toBeLessThanOrEqual(256);
    expect(verdict.nextStep).toContain('c-0123456789ab');
    expect(entry.testQrCode, 'half a code scans as another one').toBeUndefined();
    expect(entry.mark?.length, 'half a mark is another one').toBe(247);
  });

  it('leaves out an id that is too long', () => {
    const entry = entryOf({}, {}, { releaseId: 'r'.repeat(65), testQrCode: 'q'.repeat(257) });

    expect(entry).toEqual({});
  });
});

describe('texts', () => {
  it('never end in half a character', () => {
    expect(clipped('ab😀cd', 4)).toBe('ab…');
  });

  it('act on no terminal', () => {
    expect(plain('a\u001b[31m\n  b\u202e')).toBe('a\\u{001b}[31m b\\u{202e}');
  });
});

describe('the same status', () => {
  it.each([
    {
      name: 'another order of names',
      previous: { a: 1, b: [2] },
      next: { b: [2], a: 1 },
      same: true,
    },
    { name: 'absent and undefined', previous: { a: 1 }, next: { a: 1, b: undefined }, same: true },
    { name: 'another order of a list', previous: { a: [1, 2] }, next: { a: [2, 1] }, same: false },
    { name: 'a list that grew', previous: { a: [1] }, next: { a: [1, 2] }, same: false },
    { name: 'a word of another version', previous: { a: 1, z: 1 }, next: { a: 1 }, same: false },
    { name: 'no status yet', previous: undefined, next: { a: 1 }, same: false },
    { name: 'a list for an object', previous: [], next: {}, same: false },
  ])('$name', ({ previous, next, same }) => {
    expect(sameStatus(previous, next)).toBe(same);
  });
});

describe('events', () => {
  const status = (ready: string, reason: string, message = 'words', targets: object[] = []) => ({
    conditions: [{ type: 'Ready', status: ready, reason, message, lastTransitionTime: earlier }],
    targets,
  });
  const target = (of: string) => ({ app: 'megapay', environment: 'Sandbox', status: of });

  it.each([
    {
      name: 'becomes ready',
      why: 'good news',
      previous: status('False', 'Progressing'),
      next: status('True', 'InSync'),
      events: ['Normal InSync words'],
    },
    {
      name: 'gets stuck',
      why: 'somebody has to look',
      previous: status('True', 'InSync'),
      next: status('False', 'TargetSpent'),
      events: ['Warning TargetSpent words'],
    },
    {
      name: 'has another reason',
      why: 'a transition of its own',
      previous: status('False', 'GateRefused'),
      next: status('False', 'TargetSpent'),
      events: ['Warning TargetSpent words'],
    },
    {
      name: 'says it otherwise',
      why: 'the same trouble is told once',
      previous: status('False', 'GateRefused', '2 of 3'),
      next: status('False', 'GateRefused', '3 of 3'),
      events: [],
    },
    {
      name: 'is new',
      why: 'nothing happened yet',
      previous: undefined,
      next: status('Unknown', 'NotYetSeen'),
      events: [],
    },
    {
      name: 'is written',
      why: 'under way is no warning',
      previous: status('True', 'InSync'),
      next: status('False', 'Progressing'),
      events: ['Normal Progressing words'],
    },
    {
      name: 'has a record that moved on',
      why: 'people ask when the review began',
      previous: status('True', 'InSync', '', [target('NewVersionCreated')]),
      next: status('True', 'InSync', '', [target('UnderReview')]),
      events: [
        'Normal RecordStatus Release records: megapay/Sandbox UnderReview, was NewVersionCreated.',
      ],
    },
    {
      name: 'has no part in a record',
      why: 'its claim was refused: the record is another release’s',
      previous: undefined,
      next: status('False', 'Invalid', 'words', [
        { ...target('NewVersionCreated'), action: 'blocked', reason: 'Invalid' },
      ]),
      events: ['Warning Invalid words'],
    },
    {
      name: 'has a first record',
      why: 'it is there for ever',
      previous: status('False', 'Progressing'),
      next: status('True', 'InSync', 'words', [target('NewVersionCreated')]),
      events: [
        'Normal RecordStatus Release records: megapay/Sandbox NewVersionCreated.',
        'Normal InSync words',
      ],
    },
  ])('$name', ({ previous, next, events, why }) => {
    const told = eventsOf(previous, next).map((one) => `${one.type} ${one.reason} ${one.message}`);

    expect(told, why).toEqual(events);
  });

  it('stay short however many records moved', () => {
    const targets = Array.from({ length: 256 }, (_, i) => ({
      app: `app-${i}-${'x'.repeat(50)}`,
      environment: 'Sandbox',
      status: 'FullRelease',
    }));

    const events = eventsOf(undefined, status('True', 'InSync', 'y'.repeat(4096), targets));

    expect(events.map(({ message }) => message.length <= 1024)).toEqual([true, true]);
  });
});
