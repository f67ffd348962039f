import type { CommandSpec } from '../command.ts';
import { actAs, detailedExitCode, optionalPaths, output } from './spec-parts.ts';

/** Commands for whoever reads a pull request. */
export const reviewCommands: readonly CommandSpec[] = [
  {
    name: 'review',
    summary: 'say what merging a pull request would do, in words and then field by field',
    description: [
      'Plans the declarations as they would be after merging --head into --base, takes away what the base alone would do, and prints the rest as a comment for a pull request: what happens at each target, whether Production is touched, who gets paid, what cannot be undone, what is blocked and what to do about it. Without --forge nothing is written anywhere.',
      'With settings the platform is read; with --snapshot a file of it; with neither, only what is declared is compared. Revisions are read from the repository of the working directory as objects: its files are never looked at, settings in it are refused, and no secret is opened.',
      'With --forge the review is published on the pull request: one comment, edited in place, a commit status for each environment and fairlead/plan for all, and remarks at lines; each only where it differs from what stands there. Which pull request is meant is known in CI; the token comes from FAIRLEAD_FORGE_TOKEN, else from the variable of the CI (GITHUB_TOKEN, GITLAB_TOKEN, GITEA_TOKEN), or of a GitHub App from FAIRLEAD_FORGE_APP_ID and FAIRLEAD_FORGE_APP_KEY_FILE. A verdict is never written for another commit than the head of the pull request, and nothing turns green without one.',
    ].join('\n\n'),
    args: [optionalPaths],
    options: [
      { flags: '--base <REV>', description: 'where the pull request goes, such as origin/main' },
      { flags: '--head <REV>', description: 'what it brings, such as HEAD' },
      { flags: '--snapshot <FILE>', description: 'judge against a snapshot instead of a platform' },
      {
        flags: '--snapshot-key <PUBLICKEY>',
        description: 'believe a snapshot only if this key signed it: a PEM file, or the key itself',
      },
      {
        flags: '--max-snapshot-age <TIME>',
        description: 'refuse an older snapshot (default: 24h where a key is demanded)',
      },
      { flags: '--forge <NAME>', description: 'publish it at github, gitlab or gitea (Forgejo)' },
      { flags: '--forge-url <URL>', description: 'where the forge is; else as the CI says' },
      { flags: '--repo <OWNER/NAME>', description: 'of the pull request; else as the CI says' },
      { flags: '--pull <N>', description: 'number of the pull request; else as the CI says' },
      {
        flags: '--name <NAME>',
        description: 'of the comment, where several reviews have one each (default: default)',
      },
      {
        flags: '--code-quality <FILE>',
        description: 'write the remarks at lines as a report for GitLab, too',
      },
      { flags: '--upload-sarif', description: 'upload the remarks for code scanning, too' },
      {
        flags: '--show-test-qr',
        description: 'show test QR codes of changed records; in private repositories alone',
      },
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
      {
        command: 'fairlead review --forge github releases/',
        does: 'in GitHub Actions: comment on the pull request of the job',
      },
    ],
    exits: {
      1: 'error or wrong usage, something that could not be published, or a program without a verdict: the platform could not be asked',
      2: 'something would change (with --detailed-exitcode)',
      3: 'something of it would be held (with --detailed-exitcode)',
      4: 'something of it would be blocked (with --detailed-exitcode)',
      5: 'the pull request brings an error; errors of before are counted and are not its own',
    },
    load: () => import('./review.ts'),
  },
];
