import type { ArgumentSpec, OptionSpec } from '../command.ts';

export const paths: ArgumentSpec = {
  syntax: '<PATH...>',
  description: 'a file, a directory (all *.yaml and *.yml below it) or - for standard input',
};

export const optionalPaths: ArgumentSpec = { ...paths, syntax: '[PATH...]' };

export function output(...formats: readonly string[]): OptionSpec {
  return {
    flags: '-o, --output <FORMAT>',
    description: `${formats.join(', ')}`,
    choices: formats,
    default: formats[0] ?? 'text',
  };
}

export const all: OptionSpec = {
  flags: '--all',
  description: 'show unchanged releases and undeclared values too',
};

export const detailedExitCode: OptionSpec = {
  flags: '--detailed-exitcode',
  description:
    'tell by the exit code whether something is pending or only reported (2), held (3) or blocked (4)',
};

export const actAs: OptionSpec = {
  flags: '--as <SOURCE>',
  description:
    'be bound by the grants and secrets of this GitSource instead of those of the command line',
};

export const stateDir: OptionSpec = {
  flags: '--state <DIR>',
  description:
    'where bases and Git mirrors are kept; else fairlead in the state folder of the user',
};

export const detailedExits = {
  2: 'something is pending, or drift is reported (with --detailed-exitcode)',
  3: 'something is held: a gate, an approval, or something it waits for (with --detailed-exitcode)',
  4: 'something is blocked (with --detailed-exitcode)',
  5: 'a declaration is invalid',
} as const;
