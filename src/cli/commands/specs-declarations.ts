import type { CommandSpec } from '../command.ts';
import {
  actAs,
  all,
  detailedExitCode,
  detailedExits,
  optionalPaths,
  output,
  paths,
  stateDir,
} from './spec-parts.ts';

/** Commands that start from what a team declares. */
export const declarationCommands: readonly CommandSpec[] = [
  {
    name: 'validate',
    summary: 'read declarations, check them, and say everything that is wrong',
    description:
      'Reads every document, checks it against its schema, lint rules and the claims of the others. No platform is asked and no settings are needed.',
    args: [paths],
    options: [output('text', 'json', 'sarif'), actAs],
    examples: [
      { command: 'fairlead validate releases/', does: 'check everything below a folder' },
      { command: 'fairlead validate . -o sarif > fairlead.sarif', does: 'annotate a pull request' },
    ],
    exits: { 5: 'a declaration is invalid' },
    load: () => import('./validate.ts'),
  },
  {
    name: 'plan',
    summary: 'show what would change on the platform, and write nothing',
    description:
      'Compares the declarations with the platform (or a snapshot of it) and shows, first in words and then field by field, what would be written, what is held, what is blocked and what a person can do about it.',
    args: [paths],
    options: [
      output('text', 'json', 'markdown', 'runbook'),
      {
        flags: '--out <FILE>',
        description: 'also write the plan for `apply --plan`; holds no secret',
      },
      { flags: '--snapshot <FILE>', description: 'plan offline against a snapshot' },
      detailedExitCode,
      all,
      actAs,
      stateDir,
    ],
    examples: [
      { command: 'fairlead plan releases/', does: 'what would happen' },
      {
        command: 'fairlead plan releases/ --out plan.json && fairlead apply --plan plan.json',
        does: 'apply exactly what was shown',
      },
      {
        command: 'fairlead plan releases/ -o runbook',
        does: 'the same as console steps for a person',
      },
    ],
    exits: {
      ...detailedExits,
      6: 'the plan written by --out cannot be applied later (it says why)',
    },
    load: () => import('./plan.ts'),
  },
  {
    name: 'diff',
    summary: 'show what a change of the declarations means, without any platform',
    description:
      'Compares the declarations of two Git revisions: targets added and removed, and per release which values change. Reads the repository of the working directory; needs no settings and no network.',
    args: [
      {
        syntax: '<BASE..HEAD>',
        description: 'two revisions; BASE.. alone compares with the files as they are',
      },
      optionalPaths,
    ],
    options: [output('text', 'json', 'markdown')],
    examples: [{ command: 'fairlead diff main..HEAD releases/', does: 'what this branch changes' }],
    exits: { 5: 'a declaration of HEAD is invalid' },
    load: () => import('./diff.ts'),
  },
  {
    name: 'apply',
    summary: 'plan, ask, and make the platform equal to the declarations',
    description:
      'Shows the plan, asks on a terminal (elsewhere it needs --yes), and writes only what was shown. What is new at the moment of writing is left for the next run. With invalid declarations nothing is written.',
    args: [optionalPaths],
    options: [
      output('text', 'json'),
      {
        flags: '--plan <FILE>',
        description:
          'apply exactly this plan, if nothing has changed since; PATH beside it for secrets in encrypted documents',
      },
      { flags: '-y, --yes', description: 'do not ask' },
      {
        flags: '--allow <CHANGEID>',
        description: 'let a held change pass, in this run',
        many: true,
      },
      {
        flags: '--take-over <NAME>',
        description: 'take over records of this installation',
        many: true,
      },
      { flags: '--qr', description: 'draw the test QR code of what was written' },
      all,
      actAs,
      stateDir,
    ],
    examples: [
      { command: 'fairlead apply releases/', does: 'plan, ask, write' },
      {
        command: 'fairlead apply releases/ --yes --allow c-41d0c7e2aa19',
        does: 'let one held change pass',
      },
    ],
    exits: {
      3: 'something is held: a gate, an approval, or something it waits for; not drift that is only reported',
      4: 'something is blocked',
      5: 'a declaration is invalid; nothing was written',
      6: 'the plan is stale: the platform or the declarations have changed since',
      130: 'interrupted; what was and was not done is printed',
    },
    load: () => import('./apply.ts'),
  },
  {
    name: 'explain',
    summary: 'show the effective configuration of a release and where each value comes from',
    description:
      'For a release, a target or one field: the value, the file and line it comes from, and what it shadows.',
    args: [
      {
        syntax: '<RELEASE[/APP/ENV[/FIELD]]>',
        description: 'name of a MiniProgramRelease, and optionally a target and a field',
      },
      paths,
    ],
    options: [output('text', 'json')],
    examples: [
      {
        command: 'fairlead explain coffee-2.4.0/megapay/Production/merchantId releases/',
        does: 'why this merchant id',
      },
    ],
    exits: { 5: 'a declaration is invalid' },
    load: () => import('./explain.ts'),
  },
];
