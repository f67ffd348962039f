import type { ArgumentSpec, CommandSpec, OptionSpec } from '../command.ts';
import { output } from './spec-parts.ts';

const state: OptionSpec = {
  flags: '--state <DIR>',
  description:
    'the state directory that the controller runs with; else fairlead in the state folder of the user',
};

const until: OptionSpec = {
  flags: '--until <TIME>',
  description: 'when it ends by itself: 2026-12-24T18:00:00Z, or from now 30m, 2h, 3d',
};

const noWait: OptionSpec = {
  flags: '--no-wait',
  description: 'do not wait, at most five seconds, to see what the controller makes of it',
};

const program: ArgumentSpec = {
  syntax: '[PROGRAM]',
  description:
    'name of a MiniProgram, id of the mini program, WORKSPACE/ID or PLATFORM/WORKSPACE/ID; all of them if omitted',
};

/** Commands that tell a running controller something. */
export const orderCommands: readonly CommandSpec[] = [
  {
    name: 'approve',
    summary: 'let the controller make a change that it holds',
    description:
      'Approves what `fairlead status` shows as held: a field, a whole change, all that a program’s plan holds, or a ref that moved backwards. The id is resolved at once against what the controller decided last, and only that is approved: a value that moves afterwards needs another approval. An approval is used up by the first write it releases. What is suspended, and what waits for another change, cannot be approved. While the controller is down the approval counts from its next start.',
    args: [
      {
        syntax: '<CHANGEID>',
        description:
          'id of a field, a change, a plan or a rewound ref, as fairlead status shows it',
      },
    ],
    options: [output('text', 'json'), until, noWait, state],
    examples: [
      {
        command: 'fairlead approve c-41d0c7e2aa19 --state /var/lib/fairlead',
        does: 'let one held change pass',
      },
      {
        command: 'fairlead approve c-41d0c7e2aa19 --until 2h',
        does: 'only if it is made within two hours',
      },
    ],
    exits: {},
    load: () => import('./approve.ts'),
  },
  {
    name: 'suspend',
    summary: 'keep the controller from writing to one program, or to any',
    description:
      'Takes effect before the next write, also in the middle of a pass; a call under way is finished. The controller goes on to look and to plan, and shows what it would do. A second suspension replaces the first, reason and end included. While the controller is down the suspension counts from its next start.',
    args: [program],
    options: [
      output('text', 'json'),
      { flags: '--reason <TEXT>', description: 'why; required, and shown wherever somebody asks' },
      until,
      noWait,
      state,
    ],
    examples: [
      {
        command: 'fairlead suspend coffee --reason "payment incident" --until 2h',
        does: 'leave one program alone for two hours',
      },
      {
        command: 'fairlead suspend --reason "platform maintenance"',
        does: 'stop all writes at once',
      },
    ],
    exits: {},
    load: () => import('./suspend.ts'),
  },
  {
    name: 'resume',
    summary: 'end a suspension',
    description:
      'Without PROGRAM, ends the suspension of everything; programs that were suspended by name stay so, and are listed. With PROGRAM, ends that one’s. With --all, ends every suspension that was given by `fairlead suspend`. What a declaration or a PlatformConnection suspends is ended where it is written.',
    args: [program],
    options: [
      output('text', 'json'),
      { flags: '--all', description: 'end the suspension of everything, and of every program' },
      { flags: '--reason <TEXT>', description: 'why; kept in the history' },
      noWait,
      state,
    ],
    examples: [
      { command: 'fairlead resume coffee', does: 'go on with one program' },
      { command: 'fairlead resume --all --reason "incident over"', does: 'go on with all' },
    ],
    exits: {},
    load: () => import('./resume.ts'),
  },
];
