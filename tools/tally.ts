export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** The sum of all tallies. */
export function addTallies(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
    failed: tallies.reduce((sum, { failed }) => sum + failed, 0),
  };
}

interface Report {
  readonly numPassedTests: number;
  readonly numTotalTests: number;
}

/**
 * What a Vitest JSON report amounts to. A test that did not run (skipped, todo) has not passed, so it failed; a run
 * that failed without a failed test (a file that does not load, an unhandled rejection, no tests at all) is one failure.
 *
 * @param text  empty when the run died before it reported
 * @param ok    whether Vitest itself was content
 */
export function readReport(text: string, ok: boolean): Tally {
  const report =
    text === '' ? { numPassedTests: 0, numTotalTests: 0 } : (JSON.parse(text) as Report);
  const passed = report.numPassedTests;
  const failed = report.numTotalTests - passed;
  const isHiddenFailure = failed === 0 && (!ok || passed === 0);
  return { passed, failed: isHiddenFailure ? 1 : failed };
}
