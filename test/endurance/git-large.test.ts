import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../tools/files.ts';
import { useRepository } from '../integration/git-repository.ts';

const repository = useRepository();

/** A commit of that many files of 15 lines in 100 folders, and one folder `few` with ten of them. */
function fill(count: number): void {
  const text = (index: number): string =>
    [
      'apiVersion: fairlead.dev/v1alpha1',
      'kind: MiniProgram',
      `metadata: { name: p${index} }`,
      'spec:',
      '  workspace: acme',
      `  id: "${3_500_020_208_000_000 + index}"`,
      '  targets:',
      '    - app: megapay',
      '      environment: Sandbox',
      `      config: { merchantId: M-${index}-T }`,
      '    - app: megapay',
      '      environment: Production',
      '      config:',
      `        merchantId: M-${index}`,
      `        clientId: "2020${index}"`,
      '',
    ].join('\n');
  const files = Array.from({ length: count }, (_, index) => {
    const folder = index < 10 ? 'few' : `many/d${index % 100}`;
    return `M 100644 inline ${folder}/f${index}.yaml\ndata ${text(index).length}\n${text(index)}\n`;
  });
  const head =
    'commit refs/heads/main\ncommitter Test <test@example.test> 1700000000 +0000\ndata 1\nx\n';
  execFileSync('git', ['-C', repository.remote, 'fast-import', '--quiet'], {
    input: head + files.join(''),
    maxBuffer: Infinity,
  });
}

function look(spec: object): { readonly said: string; readonly maxRssMiB: number } {
  const script = join(root, 'test', 'support', 'look-process.ts');
  const args = [script, `file://${repository.remote}`, join(repository.root, 'state')];
  const output = execFileSync(process.execPath, [...args, JSON.stringify(spec)], {
    encoding: 'utf8',
  });
  return JSON.parse(output) as ReturnType<typeof look>;
}

describe('a repository of 100,000 files', () => {
  it('is refused as a whole, in words, and read where few of them are wanted', () => {
    fill(100_000);

    const whole = look({});
    const few = look({ path: 'few' });

    expect(whole.said).toContain('100000 files');
    expect(few.said).toBe('10');
    expect(Math.max(whole.maxRssMiB, few.maxRssMiB)).toBeLessThan(512);
  });
});
