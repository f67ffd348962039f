import type { Stage } from './stages.ts';

const command = (name: string, ...words: string[]): Stage => ({
  kind: 'command',
  name,
  command: words,
});

/** What a reviewer would do, the longest first so that two lanes end together. */
export const checkStages: readonly Stage[] = [
  command('lint', 'eslint', '.'),
  { kind: 'tests', project: 'unit' },
  command('types', 'tsc', '-p', '.'),
  command('dead code', 'knip', '--no-progress'),
  // Generated files are compared as formatted by their own stage.
  command('format', 'prettier', '--check', '--log-level=warn', '.', '!**/generated/**'),
  command('generated', 'node', 'tools/generate.ts', '--check'),
];
