import type { CommandSpec } from '../command.ts';

/** Commands that set others up. */
export const ciCommands: readonly CommandSpec[] = [
  {
    name: 'ci',
    summary: 'print a workflow that reviews pull requests, ready for a forge',
    description: [
      'Prints a workflow for GitHub Actions, GitLab CI or Gitea Actions with the least permissions it can do with: a job for branches of the repository, and as asked one for forks and one that publishes a signed snapshot of the platform. Comments in it say why each part is safe, and which secrets it needs. The same options print the same bytes; nothing is written and nothing is asked.',
      'Actions of others are pinned by commit. Fairlead itself is pinned by --fairlead; without it the workflow says where to write that, and fails until it is written.',
    ].join('\n\n'),
    args: [{ syntax: '<github|gitlab|gitea>', description: 'the forge' }],
    options: [
      {
        flags: '--path <PATH>',
        description:
          'declarations below the root of the repository, may be given several times; all of it if omitted',
        many: true,
      },
      {
        flags: '--snapshot',
        description:
          'reviews stand on a signed snapshot that the default branch publishes: no pull request job holds a credential of the platform',
      },
      { flags: '--forks', description: 'review forks too, against the signed snapshot' },
      { flags: '--sarif', description: 'upload problems to code scanning (GitHub)' },
      { flags: '--branch <NAME>', description: 'the default branch', default: 'main' },
      {
        flags: '--fairlead <WHERE@COMMIT>',
        description:
          'where Fairlead comes from, by its full commit hash: OWNER/REPO@HASH, on GitLab an https address with @HASH',
      },
    ],
    examples: [
      {
        command:
          'fairlead ci github --path releases/ --snapshot --forks > .github/workflows/fairlead.yml',
        does: 'no credential in any pull request, forks included',
      },
      { command: 'fairlead ci gitlab > .gitlab/fairlead.yml', does: 'for GitLab' },
    ],
    exits: {},
    load: () => import('./ci.ts'),
  },
];
