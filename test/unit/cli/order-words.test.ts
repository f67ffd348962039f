import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';

import { named, waitingIn } from '../../../src/cli/orders/approvable.ts';
import { chooseProgram, nameable } from '../../../src/cli/orders/programs.ts';
import { reasonOf } from '../../../src/cli/orders/reason.ts';
import { durationMs, shortTime, untilOf } from '../../../src/cli/orders/until.ts';
import { userOf } from '../../../src/cli/orders/user.ts';
import type { ProgramId } from '../../../src/core/words/keys.ts';
import { heldReasons } from '../../../src/core/words/reasons.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import {
  changeId,
  controllerStatus,
  heldStatus,
  programStatus,
  sourceStatus,
} from '../../support/controller-status.ts';
import { fakeSession } from '../../support/session.ts';

const now = epochMs(Date.UTC(2026, 11, 24, 12));

describe('when something ends', () => {
  it.each([
    { text: '90s', expected: '2026-12-24T12:01:30Z' },
    { text: '30m', expected: '2026-12-24T12:30:00Z' },
    { text: '2h', expected: '2026-12-24T14:00:00Z' },
    { text: '3d', expected: '2026-12-27T12:00:00Z' },
    { text: '1w', expected: '2026-12-31T12:00:00Z' },
    { text: '2026-12-24T18:00:00Z', expected: '2026-12-24T18:00:00Z' },
    { text: '2026-12-24T18:00Z', expected: '2026-12-24T18:00:00Z' },
    { text: '2026-12-24T18:00:00.5+02:00', expected: '2026-12-24T16:00:00Z' },
    { text: '2028-02-29T00:00:00Z', expected: '2028-02-29T00:00:00Z' },
  ])('$text is $expected', ({ text, expected }) => {
    expect(shortTime(untilOf(text, now) ?? epochMs(0))).toBe(expected);
  });

  it.each([
    { text: '2026-12-24T12:00:00Z', why: 'now is over' },
    { text: '2026-12-24T13:00:00+02:00', why: 'past, by its offset' },
    { text: '0m', why: 'no time at all' },
    { text: '2026-12-24T18:00:00', why: 'a moment without an offset is many moments' },
    { text: '2026-12-25', why: 'a day is no moment' },
    { text: '2027-02-30T00:00:00Z', why: 'there is no such day' },
    { text: '2027-13-01T00:00:00Z', why: 'nor such month' },
    { text: '2027-01-01T25:00:00Z', why: 'nor such hour' },
    { text: 'tomorrow', why: 'no language is read' },
    { text: '2', why: 'two of what' },
    { text: '2H', why: 'units are small letters' },
    { text: '1h30m', why: 'one unit' },
    { text: '-2h', why: 'not backwards' },
    { text: '9999999d', why: 'not for ever' },
    { text: '', why: 'nothing' },
  ])('$text is refused: $why', ({ text, why }) => {
    expect(() => untilOf(text, now), why).toThrow(
      expect.objectContaining({ code: 'Usage', exit: 1 }) as Error,
    );
  });

  it('is open where nothing is said', () => {
    expect(untilOf(undefined, now)).toBeUndefined();
    expect(durationMs('2x')).toBeUndefined();
  });
});

const coffee = programStatus({ name: 'coffee', id: '3500020208396321' });
const coffeeAbroad = programStatus({ name: 'coffee', workspace: 'abroad', id: '3500020208396322' });
const books = programStatus({ name: 'books', id: '3500020208396399' });
const programs = nameable(controllerStatus({ programs: [coffee, coffeeAbroad, books] }));

describe('the program that a person means', () => {
  it.each([
    { text: 'books', expected: books.id },
    { text: '3500020208396321', expected: coffee.id },
    { text: 'acme/3500020208396321', expected: coffee.id },
    { text: 'megaplatform/abroad/3500020208396322', expected: coffeeAbroad.id },
  ])('$text', ({ text, expected }) => {
    expect(chooseProgram(text, programs).id).toBe(expected);
  });

  it.each([
    { text: 'boks', code: 'NotFound', nextStep: 'did you mean books?' },
    { text: '3500020208396398', code: 'NotFound', nextStep: 'did you mean 3500020208396399?' },
    { text: 'entirely-else', code: 'NotFound', nextStep: 'it keeps coffee; coffee; books' },
    {
      text: 'coffee',
      code: 'Ambiguous',
      nextStep:
        'name one of them: megaplatform/acme/3500020208396321; megaplatform/abroad/3500020208396322',
    },
  ])('$text: $code', ({ text, code, nextStep }) => {
    expect(() => chooseProgram(text, programs)).toThrow(
      expect.objectContaining({ code, nextStep, exit: 1 }) as Error,
    );
  });

  it('may be one that nobody declares any more', () => {
    const gone = 'megaplatform/acme/3500020208396300' as ProgramId;

    expect(chooseProgram('acme/3500020208396300', nameable(undefined, [gone])).id).toBe(gone);
    expect(nameable(controllerStatus({ programs: [coffee] }), [coffee.id, gone])).toHaveLength(2);
  });
});

describe('what an id stands for', () => {
  const [field, other, change, plan, rewound] = ['a', 'b', 'c', 'd', 'e'].map(changeId);
  const waiting = waitingIn(
    controllerStatus({
      sources: [
        sourceStatus({ state: 'Rewound', changeId: rewound! }),
        sourceStatus({ name: 'calm', changeId: changeId('f') }),
      ],
      programs: [
        {
          ...coffee,
          held: [
            heldStatus(field!, { change: change!, plan: plan! }),
            heldStatus(other!, { change: change!, plan: plan!, path: 'testers' }),
          ],
        },
        { ...books, held: [heldStatus(changeId('9'), { plan: changeId('8') })] },
      ],
    }),
  );

  it.each([
    { name: 'a field', id: field!, expected: [field] },
    { name: 'a change', id: change!, expected: [field, other] },
    { name: 'a plan', id: plan!, expected: [field, other] },
    { name: 'another program’s plan', id: changeId('8'), expected: [changeId('9')] },
    { name: 'a rewound ref', id: rewound!, expected: [rewound] },
    { name: 'a ref that is not rewound any more', id: changeId('f'), expected: [] },
    { name: 'nothing', id: changeId('0'), expected: [] },
  ])('$name', ({ id, expected }) => {
    expect(named(waiting, id).map((one) => one.id)).toEqual(expected);
  });

  it('is approvable as semantics 4 says, and no unknown reason is', () => {
    const reasons = [...heldReasons, 'MoonIsFull'];
    const held = reasons.map((reason) => ({ ...heldStatus(field!), reason })) as ReturnType<
      typeof heldStatus
    >[];
    const all = waitingIn(controllerStatus({ programs: [{ ...coffee, held }] }));

    expect(all.filter(({ isApprovable }) => isApprovable).map(({ reason }) => reason)).toEqual([
      'AwaitingApproval',
      'GateRefused',
      'DriftReported',
    ]);
  });
});

describe('who says it, and why', () => {
  const session = (variables: Readonly<Record<string, string>>) => fakeSession({ variables });

  it('is the user of the process, or who called sudo as root', () => {
    const { username, uid } = userInfo();

    expect(userOf(session({}))).toBe(username);
    expect(userOf(session({ SUDO_USER: '' }))).toBe(username);
    expect(userOf(session({ SUDO_USER: 'ann' })), 'whoever is not root could claim anything').toBe(
      uid === 0 ? 'ann' : username,
    );
    expect(userOf(session({ SUDO_USER: 'x'.repeat(1_000) })).length).toBeLessThanOrEqual(64);
  });

  it.each([
    { name: 'one line', options: { reason: ' incident ' }, expected: 'incident' },
    { name: 'nothing', options: {}, expected: undefined },
  ])('$name', ({ options, expected }) => {
    expect(reasonOf({ args: [], options })).toBe(expected);
  });

  it.each([{ reason: '' }, { reason: '   ' }, { reason: 'x'.repeat(257) }])(
    'refuses %j',
    (options) => {
      expect(() => reasonOf({ args: [], options })).toThrow(
        expect.objectContaining({ code: 'Usage' }) as Error,
      );
    },
  );
});
