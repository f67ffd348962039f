import * as fc from 'fast-check';
import { Check } from 'typebox/value';
import { expect, it } from 'vitest';

import {
  MiniProgramReleaseStatus,
  MiniProgramStatus,
} from '../../../src/core/kinds/object-status.ts';
import type { DesiredRelease } from '../../../src/core/model/desired.ts';
import { eventsOf, programReport, sameStatus } from '../../../src/core/status/index.ts';
import { mostEntryBytes } from '../../../src/core/status/entry.ts';
import { jsonBytes } from '../../../src/core/status/texts.ts';
import { releaseId } from '../../../src/core/words/keys.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { desiredProgram, desiredRelease, now } from '../plan/fixtures.ts';
import { programIn, releaseIn, scene, type Asked } from './scene.ts';
import { sceneOf, states } from './states.ts';

const step = fc.record({
  state: fc.constantFrom(...states),
  generation: fc.integer({ min: 1, max: 3 }),
  afterMs: fc.integer({ min: 0, max: 10_000 }),
  approvalsIgnored: fc.boolean(),
  annotations: fc.constantFrom(
    {},
    { 'fairlead.dev/approve': 'c-0123456789ab' },
    { 'fairlead.dev/reconcile-requested-at': 'now' },
  ),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function asked(
  { state, generation, annotations, approvalsIgnored }: Step,
  status: unknown,
  at: number,
): Asked {
  return {
    ...state.asked,
    object: { generation, annotations, status },
    approvalsIgnored,
    now: epochMs(at),
  };
}

it('a history of passes keeps the laws', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) => {
      let before: ReturnType<typeof releaseIn> | undefined;
      let at: number = now;
      for (const one of steps) {
        at += one.afterMs;
        const made = sceneOf(one.state);
        const status = releaseIn(made, asked(one, before, at));
        const again = releaseIn(made, asked(one, status, at + 1));
        const program = programIn(made, asked(one, before, at));

        // Nothing is written, and nothing happens, while nothing is otherwise.
        expect(sameStatus(status, again)).toBe(true);
        expect(again).toEqual(status);
        expect(eventsOf(status, again)).toEqual([]);
        // A moment moves with its status alone.
        for (const { type, status: is, lastTransitionTime } of status.conditions ?? []) {
          const was = before?.conditions?.find((known) => known.type === type);
          const isMoved = lastTransitionTime !== was?.lastTransitionTime;
          if (was?.status === is) expect(isMoved).toBe(false);
          else expect(Date.parse(lastTransitionTime)).toBe(at);
        }
        // The definitions take it.
        expect(Check(MiniProgramReleaseStatus, status)).toBe(true);
        expect(Check(MiniProgramStatus, program)).toBe(true);
        before = status;
      }
    }),
    { numRuns: 60, seed: 1 },
  );
});

it('256 targets with the longest texts fit', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('x', '语', '😀', '\u0000', '"'),
      fc.constantFrom(1, 93, 250, 256, 1000),
      (character, length) => {
        const long = character.repeat(length);
        const releases = Array.from({ length: 256 }, (_, i) => target(i));
        const desired = desiredProgram(releases);
        const index = Object.fromEntries(releases.map(({ key }) => [releaseId(key), long]));
        const records = Object.fromEntries(
          releases.map(({ key }) => [
            releaseId(key),
            { id: long, testQrCode: long, effectiveDigest: long },
          ]),
        );
        const report = programReport({
          desired,
          result: {
            state: 'failed',
            trouble: { code: 'PlatformRefused', message: long, nextStep: long },
          },
          records,
          bases: index,
        });
        const made = scene({ objects: states[0]!.scene.objects });

        const status = releaseIn({ ...made, report }, { name: 'many' });

        expect(status.targets?.length).toBe(256);
        expect(Math.max(...(status.targets ?? []).map(jsonBytes))).toBeLessThanOrEqual(
          mostEntryBytes,
        );
        expect(jsonBytes(status)).toBeLessThan(256 * 1024);
        expect(status.conditions?.every(({ message }) => message.length <= 4096)).toBe(true);
      },
    ),
    { numRuns: 10, seed: 1 },
  );
});

function target(i: number): DesiredRelease {
  const release = desiredRelease({ app: `app-${String(i).padStart(3, '0')}-${'a'.repeat(56)}` });
  const document = 'team-a|MiniProgramRelease/team-a/many' as DesiredRelease['document'];
  return { ...release, document, claims: [{ document, pointer: '/spec/targets/0' }] };
}
