import { describe, expect, it } from 'vitest';

import { addTallies, readReport } from '../../../tools/tally.ts';

const report = (numPassedTests: number, numTotalTests: number, testResults: unknown[] = []) =>
  JSON.stringify({ numPassedTests, numTotalTests, testResults });

const failedTest = { status: 'failed', assertionResults: [{ status: 'failed' }] };
const unloadedFile = { status: 'failed', assertionResults: [] };

const rows = [
  {
    name: 'all passed',
    why: 'the plain case',
    text: report(7, 7),
    ok: true,
    expected: { passed: 7, failed: 0 },
  },
  {
    name: 'two failed',
    why: 'what did not pass failed',
    text: report(5, 7),
    ok: false,
    expected: { passed: 5, failed: 2 },
  },
  {
    name: 'a skipped test',
    why: 'Vitest is content with it, we are not: it showed nothing',
    text: report(6, 7),
    ok: true,
    expected: { passed: 6, failed: 1 },
  },
  {
    name: 'a file that does not load beside a failed test',
    why: 'its tests are not in the report, so the file stands for them',
    text: report(7, 8, [failedTest, unloadedFile]),
    ok: false,
    expected: { passed: 7, failed: 2 },
  },
  {
    name: 'an unhandled rejection',
    why: 'every test passed, but the run failed',
    text: report(7, 7),
    ok: false,
    expected: { passed: 7, failed: 1 },
  },
  {
    name: 'no tests at all',
    why: 'nothing shown is not everything fine',
    text: report(0, 0),
    ok: true,
    expected: { passed: 0, failed: 1 },
  },
  {
    name: 'a run that died before it reported',
    why: 'no report is one failure',
    text: '',
    ok: false,
    expected: { passed: 0, failed: 1 },
  },
];

describe('the tally of a test run', () => {
  it.each(rows)('counts $name', ({ text, ok, expected, why }) => {
    expect(readReport(text, ok), why).toEqual(expected);
  });

  it('sums over all suites', () => {
    const sum = addTallies([
      { passed: 3, failed: 0 },
      { passed: 4, failed: 2 },
    ]);

    expect(sum).toEqual({ passed: 7, failed: 2 });
  });
});
