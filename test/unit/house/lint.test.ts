import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

import { root } from '../../../tools/files.ts';

/** The house's own configuration, but without types: what is banned is how it is written. */
const eslint = new ESLint({
  cwd: root,
  overrideConfig: [{ files: ['**/*.ts'], languageOptions: { parserOptions: { project: null } } }],
  ruleFilter: ({ ruleId }) =>
    /^(?:no-restricted-|no-console|complexity|max-|fairlead\/|comments\/)/.test(ruleId),
});

const refused = [
  {
    name: 'the time of day in core',
    path: 'src/core/plan/x.ts',
    text: 'export const now = () => new Date();',
    port: 'Clock',
  },
  {
    name: 'a timer in reconcile',
    path: 'src/reconcile/x.ts',
    text: 'export const wake = (f: () => void) => setTimeout(f, 1);',
    port: 'Clock',
  },
  {
    name: 'a deadline of its own in source',
    path: 'src/source/x.ts',
    text: 'export const signal = () => AbortSignal.timeout(1);',
    port: 'Clock',
  },
  {
    name: 'a timer by another door',
    path: 'src/source/x.ts',
    text: "export { setTimeout } from 'node:timers/promises';",
    port: 'Clock',
  },
  {
    name: 'chance in engine',
    path: 'src/engine/x.ts',
    text: 'export const roll = () => Math.random();',
    port: 'Random',
  },
  {
    name: 'chance by another door',
    path: 'src/core/x.ts',
    text: "export { randomUUID } from 'node:crypto';",
    port: 'Random',
  },
  {
    name: 'the network in kubernetes',
    path: 'src/kubernetes/x.ts',
    text: "export const get = () => fetch('https://example.test');",
    port: 'Transport',
  },
  {
    name: 'module state in engine',
    path: 'src/engine/x.ts',
    text: 'export let runs = 0;\nexport const count = () => (runs += 1);',
    port: 'Close over it',
  },
  {
    name: 'the environment outside the command line',
    path: 'src/ledger/x.ts',
    text: 'export const home = () => process.env;',
    port: 'src/cli',
  },
  {
    name: 'an import without an arrow',
    path: 'src/source/x.ts',
    text: "export { send } from '../platform/http.ts';",
    port: 'join them in src/cli',
  },
  {
    name: 'a value among the ports',
    path: 'src/ports/x.ts',
    text: 'export const retries = 3;',
    port: 'src/core',
  },
  {
    name: 'a default export',
    path: 'src/core/x.ts',
    text: 'export default 1;',
    port: 'a name',
  },
  {
    name: 'an enum',
    path: 'src/core/x.ts',
    text: 'export enum Phase { Open }',
    port: 'union',
  },
  {
    name: 'a class without state',
    path: 'src/core/x.ts',
    text: 'export class Planner { plan(): number { return 1; } }',
    port: 'functions',
  },
  {
    name: 'printing outside the command line',
    path: 'src/engine/x.ts',
    text: "export const say = () => console.log('');",
    port: 'console',
  },
  {
    name: 'a suppression without a reason',
    path: 'src/engine/x.ts',
    text: "// eslint-disable-next-line no-console\nexport const say = () => console.log('');",
    port: 'description',
  },
  {
    name: 'a suppression of nothing',
    path: 'src/engine/x.ts',
    text: '// eslint-disable-next-line no-console -- it used to print\nexport const one = 1;',
    port: 'Unused',
  },
  {
    name: 'a test that does not run',
    path: 'test/unit/x.test.ts',
    text: "import { it } from 'vitest';\nit.skip('later', () => {});",
    port: 'Every test runs',
  },
];

const allowed = [
  {
    name: 'a class with state',
    path: 'src/engine/x.ts',
    text: 'export class Budget { #left = 3; take(): number { return this.#left--; } }',
  },
  {
    name: 'an error class',
    path: 'src/core/x.ts',
    text: 'export class StaleError extends Error {}',
  },
  {
    name: 'the environment in the command line',
    path: 'src/cli/x.ts',
    text: 'export const home = () => process.env;',
  },
  {
    name: 'the time of day where processes begin',
    path: 'src/cli/x.ts',
    text: 'export const now = () => Date.now();',
  },
  {
    name: 'state inside a function',
    path: 'src/engine/x.ts',
    text: 'export function counter() { let runs = 0; return () => (runs += 1); }',
  },
];

async function messagesOf({ path, text }: { path: string; text: string }): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath: path });
  return result?.messages.map(({ message }) => message) ?? ['nothing was linted'];
}

describe('lint', () => {
  it.each(refused)('refuses $name and says what to use', async ({ path, text, port }) => {
    const messages = await messagesOf({ path, text });

    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(port);
  });

  it.each(allowed)('allows $name', async ({ path, text }) => {
    expect(await messagesOf({ path, text })).toEqual([]);
  });
});
