import type { CommandSpec } from '../command.ts';
import { actAs, detailedExitCode, optionalPaths, output } from './spec-parts.ts';

/** Commands for whoever reads a pull request. */
export const reviewCommands: readonly CommandSpec[] = [
  {
    name: 'review',
    summary: 'say what merging a pull request would do, in words and then field by field',
    description: [
      'Plans the declarations as they would be after merging --head into --base, takes away what the base alone would do, and prints the rest as a comment for a pull request: what happens at each target, whether Production is touched, who gets paid, what cannot be undone, what is blocked and what to do about it. Nothing is written anywhere.',
      'With settings the platform is read; with --snapshot a file of it; with neither, only what is declared is compared. Revisions are read from the repository of the working directory as objects: its files are never looked at, settings in it are refused, and no secret is opened.',
    ].join('\n\n'),
    args: [optionalPaths],
    options: [
      { flags: '--base <REV>', description: 'where the pull request goes, such as origin/main' },
      { flags: '--head <REV>', description: 'what it brings, such as HEAD' },
      { flags: '--snapshot <FILE>', description: 'judge against a snapshot instead of a platform' },
      output('markdown', 'json', 'sarif'),
      detailedExitCode,
      actAs,
    ],
    examples: [
      {
        command:
          'fairlead review --base origin/main --head HEAD releases/ >> "$GITHUB_STEP_SUMMARY"',
        does: 'show it on the page of a CI job',
      },
      {
        command: 'fairlead review --base main --head topic --snapshot platform.yaml',
        does: 'without any credential',
      },
    ],
    exits: {
      1: 'an error, or a program without a verdict: the platform could not be asked',
      2: 'something would change (with --detailed-exitcode)',
      3: 'something of it would be held (with --detailed-exitcode)',
      4: 'something of it would be blocked (with --detailed-exitcode)',
      5: 'the pull request brings an error; errors of before are counted and are not its own',
    },
    load: () => import('./review.ts'),
  },
];
