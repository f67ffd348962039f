import type { CommandSpec } from '../command.ts';
import { output } from './spec-parts.ts';

/** Commands about the tool itself. */
export const toolCommands: readonly CommandSpec[] = [
  {
    name: 'schema',
    summary: 'print the JSON Schema of a kind',
    description:
      'Prints the JSON Schema of one kind, or of all of them, for editors and checks. Also of RepositorySettings (.fairlead.yaml), and of the documents Plan, PlanFile, ApplyResult, ValidateResult, History and Status.',
    args: [
      {
        syntax: '[KIND]',
        description: 'such as MiniProgramRelease; a document of any kind if omitted',
      },
    ],
    options: [],
    examples: [
      {
        command: 'fairlead schema MiniProgramRelease > release.schema.json',
        does: 'for an editor',
      },
    ],
    exits: {},
    load: () => import('./schema.ts'),
  },
  {
    name: 'completion',
    summary: 'print a completion script for a shell',
    description: 'Prints a script that completes commands, options and their values.',
    args: [{ syntax: '<SHELL>', description: 'bash, zsh or fish' }],
    options: [],
    examples: [{ command: 'source <(fairlead completion bash)', does: 'in this shell' }],
    exits: {},
    load: () => import('./completion.ts'),
  },
  {
    name: 'version',
    summary: 'print the version',
    description: 'Prints the version of the tool and of the Node it runs on.',
    args: [],
    options: [output('text', 'json')],
    examples: [{ command: 'fairlead version', does: 'which one is this' }],
    exits: {},
    load: () => import('./version.ts'),
  },
];
