import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guards as engineGuards, type Guard } from './guards.ts';
import { loopGuards } from './loop-mutations.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** All of the loop's with FAIRLEAD_SEEDS. */
const guards = [
  ...engineGuards,
  ...loopGuards.slice(0, process.env['FAIRLEAD_SEEDS'] === undefined ? 3 : undefined),
];
const copied = ['src', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

let copy = '';

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'fairlead-guards-'));
  for (const name of copied) cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** What the tests say in the copy. */
function run(tests: readonly string[]): Report {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  spawnSync(
    process.execPath,
    [
      join(copy, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...tests,
      '--reporter=json',
      `--outputFile=${report}`,
    ],
    {
      cwd: copy,
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' },
      stdio: 'ignore',
    },
  );
  return JSON.parse(readFileSync(report, 'utf8')) as Report;
}

function without({ file, text, replacement }: Guard): void {
  const original = readFileSync(join(root, file), 'utf8');
  expect(original.split(text), `${file} must hold the guard's text once`).toHaveLength(2);
  writeFileSync(
    join(copy, file),
    original.replace(text, () => replacement),
  );
}

describe('deleting a guard turns tests red', () => {
  it('which are green as long as it stands', () => {
    const { numPassedTests, numFailedTests } = run([
      ...new Set(guards.flatMap(({ tests }) => tests)),
    ]);

    expect(numFailedTests).toBe(0);
    expect(numPassedTests).toBeGreaterThan(0);
  });

  it.each(guards)('$name', (guard) => {
    without(guard);
    const { numPassedTests, numFailedTests } = run(guard.tests);
    cpSync(join(root, guard.file), join(copy, guard.file));

    expect(numFailedTests, guard.why).toBeGreaterThan(0);
    // Some still pass: the files were loaded, and the loss is seen by what it does.
    expect(numPassedTests).toBeGreaterThan(0);
  });
});
