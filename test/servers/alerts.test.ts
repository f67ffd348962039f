import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { root } from '../../tools/files.ts';
import { serverTool } from '../support/server-tools.ts';

const run = promisify(execFile);
const folder = join(root, 'examples/operations');
let promtool = '';
let scratch = '';

beforeAll(async () => {
  promtool = await serverTool('promtool');
  scratch = await mkdtemp(join(tmpdir(), 'fl-alerts-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function exitCode(args: readonly string[]): Promise<number> {
  const { code } = await run(promtool, args).then(
    () => ({ code: 0 }),
    (error: unknown) => error as { code: number },
  );
  return code;
}

describe('the rules for Prometheus', () => {
  it('are rules', async () => {
    expect(await exitCode(['check', 'rules', join(folder, 'alerts.yaml')])).toBe(0);
  });

  it('tell what their tests say, and are silent where they must be', async () => {
    expect(await exitCode(['test', 'rules', join(folder, 'alerts.test.yaml')])).toBe(0);
  });

  it.each([
    { name: 'an alert that is silent', from: '< 14 *', to: '< 0 *' },
    { name: 'an alert that is told too early', from: '> 3600\n        for: 10m', to: '> 3000' },
    { name: 'a guard that is gone', from: 'code!~"S|Stale"', to: 'code!~"S"' },
  ])('would not pass their tests with $name', async ({ from, to }) => {
    await cp(folder, scratch, { recursive: true });
    const rules = await readFile(join(folder, 'alerts.yaml'), 'utf8');
    const mutated = rules.replace(from, to);
    await writeFile(join(scratch, 'alerts.yaml'), mutated);

    expect(mutated).not.toBe(rules);
    expect(await exitCode(['test', 'rules', join(scratch, 'alerts.test.yaml')])).not.toBe(0);
  });
});
