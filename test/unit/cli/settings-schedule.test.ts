import { describe, expect, it } from 'vitest';

import { scheduleProblems } from '../../../src/cli/settings-checks.ts';
import { parseFile } from '../../../src/core/yaml/parse.ts';

const settings = (intervals: string) => `apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec:
  intervals:
${intervals
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
`;

describe('the schedule of the sweep', () => {
  it.each([
    { name: 'an interval', why: 'no expression', intervals: 'sweepSeconds: 60', expected: [] },
    {
      name: 'an expression in a zone',
      why: 'a schedule',
      intervals: 'sweepSchedule: "30 2 * * *"\ntimeZone: Europe/Berlin',
      expected: [],
    },
    {
      name: 'a minute that no hour has',
      why: 'said where it stands, before anything is read from a platform',
      intervals: 'sweepSchedule: "61 2 * * *"',
      expected: ['schedule-invalid f.yaml:6:20'],
    },
    {
      name: 'a zone that does not exist',
      why: 'the zone is to be corrected, not the expression',
      intervals: 'sweepSchedule: "30 2 * * *"\ntimeZone: Europe/Atlantis',
      expected: ['schedule-invalid f.yaml:7:15'],
    },
    {
      name: 'an interval and an expression',
      why: 'nobody can tell which is meant',
      intervals: 'sweepSeconds: 60\nsweepSchedule: "30 2 * * *"',
      expected: ['schedule-twice f.yaml:6:19'],
    },
  ])('$name', async ({ intervals, expected, why }) => {
    const bytes = Buffer.from(settings(intervals));
    const { documents } = parseFile({ source: 'settings', file: 'f.yaml', bytes }, 'settings');

    const problems = await scheduleProblems(documents);

    const found = problems.map(({ rule, origin }) =>
      origin && 'file' in origin
        ? `${rule} ${origin.file}:${String(origin.line)}:${String(origin.column)}`
        : rule,
    );
    expect(found, why).toEqual(expected);
  });
});
