import type { CommandSpec, OptionSpec } from './command.ts';
import { globalOptions } from './global-options.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export function isShell(text: string): text is Shell {
  return (shells as readonly string[]).includes(text);
}

/** A script that completes commands, their options, and the values of options with a fixed choice. Files otherwise. */
export function completionScript(shell: Shell, commands: readonly CommandSpec[]): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](commands);
}

function optionsOf(command: CommandSpec): readonly OptionSpec[] {
  return [...command.options, ...globalOptions];
}

/** `-o, --output <FORMAT>` -> `['-o', '--output']`. */
function namesOf(option: OptionSpec): string[] {
  return option.flags.split(/[ ,]+/).filter((part) => part.startsWith('-'));
}

function takesFile(option: OptionSpec): boolean {
  return /<(FILE|DIR)>/.test(option.flags);
}

/** Words offered where a command's own argument is a choice, such as `get programs`. */
function argumentChoices(command: CommandSpec): readonly string[] {
  if (command.name === 'completion') return shells;
  const first = command.args[0]?.syntax ?? '';
  return first.includes('|') ? first.replaceAll(/[<>[\]]/g, '').split('|') : [];
}

function bashScript(commands: readonly CommandSpec[]): string {
  const cases = commands.map((command) => {
    const options = optionsOf(command).flatMap(namesOf).join(' ');
    return `    ${command.name}) words="${[...argumentChoices(command), options].join(' ')}" ;;`;
  });
  const values = choiceTable(commands).map(
    ({ names, choices }) =>
      `    ${names.join('|')}) COMPREPLY=($(compgen -W "${choices.join(' ')}" -- "$current")); return ;;`,
  );
  return [
    '# fairlead completion for bash: source <(fairlead completion bash)',
    '_fairlead() {',
    '  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" words',
    '  case "$previous" in',
    ...values,
    '  esac',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')} help" -- "$current"))`,
    '    return',
    '  fi',
    '  case "${COMP_WORDS[1]}" in',
    ...cases,
    `    help) words="${commands.map(({ name }) => name).join(' ')}" ;;`,
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -o default -F _fairlead fairlead',
  ].join('\n');
}

/** Options with a fixed choice; where commands differ, the union. */
function choiceTable(commands: readonly CommandSpec[]): { names: string[]; choices: string[] }[] {
  const table = new Map<string, { names: string[]; choices: Set<string> }>();
  for (const option of commands.flatMap(optionsOf)) {
    if (!option.choices) continue;
    const names = namesOf(option);
    const row = table.get(names.join()) ?? { names, choices: new Set<string>() };
    option.choices.forEach((choice) => row.choices.add(choice));
    table.set(names.join(), row);
  }
  return [...table.values()].map(({ names, choices }) => ({ names, choices: [...choices] }));
}

function zshScript(commands: readonly CommandSpec[]): string {
  const quote = (text: string) => text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, '\\$&');
  const argument = (option: OptionSpec): string => {
    if (option.choices) return `:value:(${option.choices.join(' ')})`;
    if (takesFile(option)) return ':file:_files';
    return option.flags.includes('<') ? ':value:' : '';
  };
  const optionLines = (command: CommandSpec) =>
    optionsOf(command).flatMap((option) =>
      namesOf(option).map(
        (name) => `        '${name}[${quote(option.description)}]${argument(option)}'`,
      ),
    );
  const cases = commands.flatMap((command) => {
    const choices = argumentChoices(command);
    const first =
      choices.length > 0 ? `        '2:word:(${choices.join(' ')})'` : `        '*:file:_files'`;
    return [
      `    ${command.name}) _arguments \\`,
      [...optionLines(command), first].join(' \\\n'),
      '      ;;',
    ];
  });
  return [
    '#compdef fairlead',
    '# fairlead completion for zsh: source <(fairlead completion zsh)',
    '_fairlead() {',
    '  local -a commands',
    '  commands=(',
    ...commands.map(({ name, summary }) => `    '${name}:${quote(summary)}'`),
    '  )',
    '  if (( CURRENT == 2 )); then _describe command commands; return; fi',
    '  case "${words[2]}" in',
    ...cases,
    '  esac',
    '}',
    'compdef _fairlead fairlead',
  ].join('\n');
}

function fishScript(commands: readonly CommandSpec[]): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = [
    '# fairlead completion for fish: fairlead completion fish | source',
    'complete -c fairlead -f',
  ];
  for (const command of commands) {
    lines.push(
      `complete -c fairlead -n __fish_use_subcommand -a ${command.name} -d ${quote(command.summary)}`,
    );
    const within = `-n '__fish_seen_subcommand_from ${command.name}'`;
    for (const option of optionsOf(command)) {
      const long =
        namesOf(option)
          .find((name) => name.startsWith('--'))
          ?.slice(2) ?? '';
      const short = namesOf(option).find((name) => /^-[a-z]$/.test(name));
      const parts = [`complete -c fairlead ${within} -l ${long}`];
      if (short !== undefined) parts.push(`-s ${short.slice(1)}`);
      if (option.choices) parts.push(`-xa ${quote(option.choices.join(' '))}`);
      else if (takesFile(option)) parts.push('-rF');
      else if (option.flags.includes('<')) parts.push('-x');
      lines.push(`${parts.join(' ')} -d ${quote(option.description)}`);
    }
    const choices = argumentChoices(command);
    if (choices.length > 0)
      lines.push(`complete -c fairlead ${within} -a ${quote(choices.join(' '))}`);
    else lines.push(`complete -c fairlead ${within} -F`);
  }
  return lines.join('\n');
}
