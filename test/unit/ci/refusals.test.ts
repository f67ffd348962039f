import { describe, expect, it } from 'vitest';

import { CliError } from '../../../src/cli/exit.ts';
import { printWorkflow } from '../../support/ci-workflows.ts';

const hash = '0123456789abcdef0123456789abcdef01234567';

async function codeOf(forge: string, options: Readonly<Record<string, unknown>>): Promise<string> {
  return printWorkflow(forge, options).then(
    () => 'printed',
    (error: unknown) => (error instanceof CliError ? error.code : String(error)),
  );
}

describe('what no workflow is printed for', () => {
  it.each([
    { name: 'a forge there is none of', forge: 'bitbucket', options: {} },
    { name: 'a path with an expression', forge: 'github', options: { path: ['${{ secrets.A }}'] } },
    { name: 'a path with a variable', forge: 'gitlab', options: { path: ['$CI_JOB_TOKEN'] } },
    { name: 'a path that ends its line', forge: 'github', options: { path: ['a"\nrun: b'] } },
    { name: 'a path that is an option', forge: 'github', options: { path: ['--connections=x'] } },
    { name: 'a path outside', forge: 'github', options: { path: ['/etc'] } },
    { name: 'a path beside', forge: 'github', options: { path: ['../x'] } },
    { name: 'a path that leaves', forge: 'gitlab', options: { path: ['a/../../x'] } },
    { name: 'a branch that ends its text', forge: 'github', options: { branch: "main' || true" } },
    { name: 'a pin by tag', forge: 'github', options: { fairlead: 'acme/fairlead@v1' } },
    { name: 'a short hash', forge: 'github', options: { fairlead: 'acme/fairlead@0123456' } },
    {
      name: 'an address where GitHub takes none',
      forge: 'github',
      options: { fairlead: `https://git.example.com/acme/fairlead@${hash}` },
    },
    {
      name: 'an address with a password',
      forge: 'gitlab',
      options: { fairlead: `https://u:p@git.example.com/acme/fairlead@${hash}` },
    },
    { name: 'SARIF where nothing reads it', forge: 'gitlab', options: { sarif: true } },
  ])('$name', async ({ forge, options }) => {
    expect(await codeOf(forge, options)).toBe('Usage');
  });

  it('is told from what one is printed for', async () => {
    expect(
      await codeOf('github', { fairlead: `acme/fairlead@${hash}`, path: ['a b/c.yaml'] }),
    ).toBe('printed');
  });
});
