import type { ArgumentSpec, CommandSpec, OptionSpec } from '../command.ts';
import { output } from './spec-parts.ts';

const state: OptionSpec = {
  flags: '--state <DIR>',
  description:
    'the state directory that the controller runs with; else fairlead in the state folder of the user',
};

const program: ArgumentSpec = {
  syntax: '[PROGRAM]',
  description:
    'name of a MiniProgram, id of the mini program, WORKSPACE/ID or PLATFORM/WORKSPACE/ID; all of them if omitted',
};

/** Commands that ask a controller. */
export const controllerCommands: readonly CommandSpec[] = [
  {
    name: 'status',
    summary: 'show what the controller does, and what waits for a person',
    description:
      'Shows each source, connection and program in one line: what is pending, held (with the ids that `fairlead approve` takes) or blocked and why, the oldest pending change and the next run. Reads what the controller wrote into its state directory, asks no platform, and works when the controller does not run, too: then it says so, and how old this is. Programs in sync are counted; --all lists them.',
    args: [program],
    options: [
      output('text', 'json'),
      { flags: '--all', description: 'every program, and everything that is held or blocked' },
      state,
    ],
    examples: [
      { command: 'fairlead status --state /var/lib/fairlead', does: 'how it stands' },
      { command: 'fairlead status coffee', does: 'everything about one program' },
    ],
    exits: {},
    load: () => import('./status.ts'),
  },
  {
    name: 'history',
    summary: 'tell who changed what, when, by which commit, and what changed by hand',
    description:
      'Reads the ledger of a state directory, newest first as `git log`: every write with commit, author, file and line, what was held back, what people ordered, and what changed on the platform without Fairlead, between which two observations. Works while the controller runs and when it does not. Values of variables are never shown: (secret 7c1e) tells two of them apart.\n\nPROGRAM may be followed by version, app and environment of a release, or some of them: coffee/2.5.0/megapay/Production, coffee/Production; coffee/global is the global configuration.',
    args: [
      {
        syntax: '[PROGRAM[/VERSION/APP/ENV]]',
        description: `${program.description}; then parts of a release`,
      },
      {
        syntax: '[FIELD]',
        description: 'such as merchantId, environmentVariables/NAME, or status',
      },
    ],
    options: [
      output('text', 'json'),
      {
        flags: '--since <TIME>',
        description: 'nothing older: 2026-11-01, 2026-11-01T08:00Z, or 90m, 12h, 7d',
      },
      {
        flags: '--limit <NUMBER>',
        description: 'so many entries, the newest; 0 for all',
        default: '50',
      },
      state,
    ],
    examples: [
      {
        command: 'fairlead history coffee/Production merchantId',
        does: 'who changed the merchant id in Production, and when',
      },
      { command: 'fairlead history --since 7d -o json', does: 'the last week, for a script' },
    ],
    exits: {},
    load: () => import('./history.ts'),
  },
];
