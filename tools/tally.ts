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
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

const nothing: Report = { numPassedTests: 0, numTotalTests: 0, testResults: [] };

/**
 * What a Vitest JSON report amounts to. A test that did not run (skipped, todo) has not passed, so it failed; a file
 * that fails without a failed test (it does not load) is one failure, and so is a run that fails without either (an
 * unhandled rejection) or that has no tests at all.
 *
 * @param text  empty when the run died before it reported
 * @param ok    whether Vitest itself was content
 */
export function readReport(text: string, ok: boolean): Tally {
  const report = text === '' ? nothing : (JSON.parse(text) as Report);
  const passed = report.numPassedTests;
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((one) => one.status !== 'failed'),
  );
  const failed = report.numTotalTests - passed + unloaded.length;
  const isHiddenFailure = failed === 0 && (!ok || passed === 0);
  return { passed, failed: isHiddenFailure ? 1 : failed };
}
