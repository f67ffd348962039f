import type { CommandSpec, OptionSpec } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { globalOptions } from '../../src/cli/global-options.ts';

/** docs/reference/commands.md, from the commands themselves. */
export function generate(): Promise<ReadonlyMap<string, string>> {
  const text = [
    '# Command reference',
    '',
    'Made from the commands by `npm run generate`. Results go to stdout and everything else to stderr; with `-o json`',
    'stdout is one JSON document with `formatVersion` and `kind`, on failure `kind: "Error"`.',
    '',
    '## Everywhere',
    '',
    ...optionTable(globalOptions),
    '',
    'Exit codes: `0` done or nothing to do, `1` error or wrong usage, `2` pending, `3` held, `4` blocked, `5` invalid',
    'declarations, `6` stale, `130` and `143` ended by a signal. Of several the first of 1, 5, 6, 3, 4, 2, 0 counts.',
    'Held is what a gate, an approval, or the other half of a move keeps back. Drift that is only reported is not: with',
    '`--detailed-exitcode` it is `2`, else `0`.',
    '',
    ...commands.flatMap(section),
  ].join('\n');
  return Promise.resolve(new Map([['docs/reference/commands.md', `${text.trimEnd()}\n`]]));
}

function section(command: CommandSpec): string[] {
  const usage = [
    'fairlead',
    command.name,
    ...command.args.map(({ syntax }) => syntax),
    '[options]',
  ].join(' ');
  const lines = [
    `## fairlead ${command.name}`,
    '',
    `${sentence(command.summary)}`,
    '',
    '```',
    usage,
    '```',
    '',
    command.description,
    '',
  ];
  if (command.args.length > 0) {
    lines.push('| argument | meaning |', '|---|---|');
    lines.push(
      ...command.args.map(
        ({ syntax, description }) => `| \`${cell(syntax)}\` | ${cell(description)} |`,
      ),
      '',
    );
  }
  if (command.options.length > 0) lines.push(...optionTable(command.options), '');
  const exits = Object.entries(command.exits);
  if (exits.length > 0) {
    lines.push(
      '| exit code | when |',
      '|---|---|',
      ...exits.map(([code, when]) => `| ${code} | ${cell(when)} |`),
      '',
    );
  }
  lines.push(
    ...command.examples.flatMap(({ command: line, does }) => [
      `${sentence(does)}`,
      '',
      '```sh',
      line,
      '```',
      '',
    ]),
  );
  return lines;
}

function optionTable(options: readonly OptionSpec[]): string[] {
  return [
    '| option | meaning |',
    '|---|---|',
    ...options.map((option) => `| \`${cell(option.flags)}\` | ${cell(meaning(option))} |`),
  ];
}

function meaning({ description, choices, default: fallback, many }: OptionSpec): string {
  const parts = [description];
  if (choices && !choices.every((choice) => description.includes(choice)))
    parts.push(`one of ${choices.join(', ')}`);
  if (fallback !== undefined) parts.push(`default ${String(fallback)}`);
  if (many === true) parts.push('may be given several times');
  return parts.join('; ');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
