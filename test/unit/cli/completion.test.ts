import { describe, expect, it } from 'vitest';

import { commands } from '../../../src/cli/commands/index.ts';
import { completionScript, isShell, shells } from '../../../src/cli/completion.ts';
import { globalOptions } from '../../../src/cli/global-options.ts';

/** Long names of options, such as `--output`. */
const longNames = (flags: string) => flags.match(/--[a-z-]+/g) ?? [];

describe.each(shells)('completion for %s', (shell) => {
  const script = completionScript(shell, commands);

  it('knows every command and every option of it', () => {
    const options = [...commands.flatMap((command) => command.options), ...globalOptions];
    const missing = [
      ...commands.map(({ name }) => name),
      ...options.flatMap(({ flags }) => longNames(flags)).map((name) => name.slice(2)),
    ].filter((word) => !script.includes(word));

    expect(missing).toEqual([]);
  });

  it('knows the values of options with a choice', () => {
    expect(script).toMatch(/text json markdown runbook|text json sarif markdown runbook|runbook/);
    expect(script).toMatch(/error warn info debug trace/);
  });

  it('quotes every text of ours, so that no description becomes a command', () => {
    const unquoted = script
      .replaceAll("'\\''", '')
      .replaceAll("\\'", '')
      .replaceAll(/'[^']*'/g, '')
      .replaceAll(/\(\$\(compgen -W "[\w .-]*" -- "\$current"\)\)/g, '')
      .replaceAll('($(compgen -W "$words" -- "$current"))', '');

    expect(unquoted).not.toMatch(/`|\$\(|'/);
  });
});

describe('shells', () => {
  it.each([
    { name: 'bash', known: true },
    { name: 'zsh', known: true },
    { name: 'fish', known: true },
    { name: 'tcsh', known: false },
    { name: '', known: false },
  ])('$name: $known', ({ name, known }) => {
    expect(isShell(name)).toBe(known);
  });
});
