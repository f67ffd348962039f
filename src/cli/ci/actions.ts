import { pinned, snapshotBranch } from './pinned.ts';
import type { CiWanted } from './wanted.ts';

/** What differs between the two forges that run workflows of this form. */
interface Dialect {
  readonly command: string;
  readonly file: string;
  readonly runner: string;
  /** Secrets can be kept for jobs of the default branch alone. */
  readonly hasEnvironments: boolean;
  /** What a job that reviews needs to do with the repository's contents, and why. */
  readonly contents: string;
}

/** Stands in for a place nobody gave. An underscore: no account can have the name. */
const placeholder = 'OWNER_OF/fairlead@COMMIT';

/** Of GitHub: its secrets are for jobs of the branches that it allows. */
const environment = 'fairlead';

const dialects = {
  github: {
    command: 'github',
    file: '.github/workflows/fairlead.yml',
    runner: 'ubuntu-24.04',
    hasEnvironments: true,
    contents: 'read # fetches base and head as objects',
  },
  gitea: {
    command: 'gitea',
    file: '.gitea/workflows/fairlead.yml',
    runner: 'ubuntu-latest',
    hasEnvironments: false,
    contents: 'write # fetches base and head as objects; Gitea lets nobody set a status without it',
  },
} as const satisfies Record<string, Dialect>;

/** A workflow of GitHub Actions, or of Gitea Actions, which read the same form. Ends with a line feed. */
export function actionsWorkflow(forge: 'github' | 'gitea', wanted: CiWanted): string {
  const dialect = dialects[forge];
  const parts = [
    header(dialect, wanted),
    triggers(wanted),
    'permissions: {}\n',
    concurrency,
    `jobs:\n${jobs(dialect, wanted).join('\n')}`,
  ];
  return parts.join('\n');
}

function header(dialect: Dialect, wanted: CiWanted): string {
  return [
    '# Fairlead says in each pull request what merging it would do on the platform.',
    `# Printed by \`fairlead ci ${dialect.command}\`; save it as ${dialect.file} on the default branch.`,
    ...(wanted.pin ? [] : pinMissing),
    '#',
    `# Require the commit status fairlead/plan before merging, not a job of this file: a job that is skipped counts as passed.`,
    '#',
    ...secretsHelp(dialect, wanted).map((line) => `# ${line}`),
    '',
    'name: fairlead',
    '',
  ].join('\n');
}

const pinMissing = [
  '#',
  '# BEFORE YOU SAVE IT: put the repository and the full commit hash of Fairlead in place of OWNER_OF/fairlead@COMMIT,',
  '# or print it anew with --fairlead OWNER/fairlead@HASH. Until then every job fails. A hash, not a tag: whoever can',
  '# move a tag can run code beside the token below.',
];

function secretsHelp(dialect: Dialect, wanted: CiWanted): readonly string[] {
  const publishes = hasSnapshot(wanted);
  return [
    secretsPlace(dialect, wanted),
    '  FAIRLEAD_SETTINGS      PlatformConnections as YAML; keys by file: private-key.pem, platform-public-key.pem',
    '  FAIRLEAD_PRIVATE_KEY   what the settings call private-key.pem',
    ...(publishes
      ? ['  FAIRLEAD_SNAPSHOT_SIGNING_KEY   signs what the default branch publishes']
      : []),
    'Variables of the repository (public):',
    "  FAIRLEAD_PLATFORM_PUBLIC_KEY    the platform's, what the settings call platform-public-key.pem",
    ...(publishes
      ? ['  FAIRLEAD_SNAPSHOT_PUBLIC_KEY    verifies what was signed with the key above']
      : []),
  ];
}

/** Where only the default branch reads the platform, its secrets are kept from every other branch as well. */
function secretsPlace({ hasEnvironments }: Dialect, { snapshot }: CiWanted): string {
  return hasEnvironments && snapshot
    ? `Secrets of the environment "${environment}", which you allow for the default branch alone:`
    : 'Secrets of the repository:';
}

function hasSnapshot({ snapshot, forks }: CiWanted): boolean {
  return snapshot || forks;
}

function triggers(wanted: CiWanted): string {
  const pulls = [
    `    branches: ["${wanted.branch}"]`,
    '    types: [opened, reopened, synchronize, edited]',
  ];
  return [
    '# Pull requests into this branch alone: statuses are of a commit, and the verdict of one that brings the same commit',
    '# to another branch, with other rules, would stand for this one.',
    'on:',
    '  pull_request:',
    ...pulls,
    ...(wanted.forks ? ['  pull_request_target:', ...pulls] : []),
    ...(hasSnapshot(wanted)
      ? [
          '  push:',
          `    branches: ["${wanted.branch}"]`,
          '  schedule:',
          "    - cron: '17 * * * *' # in UTC; a review says how old its snapshot is",
        ]
      : []),
    '',
  ].join('\n');
}

/** The last push wins; of a snapshot that is being published nothing is cut off. */
const concurrency = [
  'concurrency:',
  '  group: fairlead-${{ github.event_name }}-${{ github.event.pull_request.number || github.ref }}',
  "  cancel-in-progress: ${{ startsWith(github.event_name, 'pull_request') }}",
  '',
].join('\n');

function jobs(dialect: Dialect, wanted: CiWanted): readonly string[] {
  return [
    reviewJob(dialect, wanted),
    ...(wanted.forks ? [forkJob(dialect, wanted)] : []),
    ...(hasSnapshot(wanted) ? [snapshotJob(dialect, wanted)] : []),
  ];
}

const platformRisk = [
  '  # Whoever can push a branch can change this file there and read the secrets that it names. Where that is too much,',
  '  # print it with --snapshot: then only the default branch reads the platform.',
];

const isPull = "github.event_name == 'pull_request'";
const isTarget = "github.event_name == 'pull_request_target'";
const isOwn = 'github.event.pull_request.head.repo.full_name == github.repository';
const isFork = 'github.event.pull_request.head.repo.full_name != github.repository';

function reviewJob(dialect: Dialect, wanted: CiWanted): string {
  return lines(
    '  # Branches of this repository. Nothing is checked out: the action fetches base and head as Git objects.',
    ...(wanted.snapshot ? [] : platformRisk),
    '  review:',
    `    if: ${isPull} && ${isOwn}`,
    ...runnerLines(dialect),
    ...reviewPermissions(dialect, wanted),
    '    steps:',
    ...useFairlead(wanted),
    ...reviewInputs(wanted),
    ...(wanted.snapshot ? snapshotInputs : platformInputs),
  );
}

function forkJob(dialect: Dialect, wanted: CiWanted): string {
  return lines(
    '  # Forks. pull_request_target runs this file as the default branch has it, with a token that may write comments.',
    '  # That is safe here, and only as long as all of this holds:',
    '  #   1. Nothing is checked out. The action fetches base and head as Git objects into an empty repository of its',
    '  #      own; no line of the pull request ever becomes a file, let alone runs. Add no checkout and no other step.',
    '  #   2. The action is pinned by commit, so what runs beside the token was chosen by the default branch.',
    '  #   3. No credential of the platform is here. What is known of it comes from the snapshot that the default branch',
    '  #      signed; settings inside the pull request are refused.',
    '  #   4. Titles, names and branches of the pull request stand in no script: numbers and refs come as variables.',
    '  review-fork:',
    `    if: ${isTarget} && ${isFork}`,
    ...runnerLines(dialect),
    ...reviewPermissions(dialect, wanted),
    '    steps:',
    ...useFairlead(wanted),
    ...reviewInputs(wanted),
    ...snapshotInputs,
  );
}

function snapshotJob(dialect: Dialect, wanted: CiWanted): string {
  return lines(
    `  # The default branch reads the platform and publishes what it read, signed and without secrets, as the one commit`,
    `  # of the branch ${snapshotBranch}. It holds merchant ids, domains and account ids of testers: whoever may read this`,
    '  # repository may read it.',
    '  snapshot:',
    `    if: github.ref == 'refs/heads/${wanted.branch}' && (github.event_name == 'push' || github.event_name == 'schedule')`,
    ...runnerLines(dialect),
    ...(dialect.hasEnvironments && wanted.snapshot ? [`    environment: ${environment}`] : []),
    '    permissions:',
    `      contents: write # pushes ${snapshotBranch}`,
    '    steps:',
    `      - uses: ${pinned.checkout}`,
    '        with:',
    '          persist-credentials: false',
    ...useFairlead(wanted),
    '          command: snapshot',
    pathsLine(wanted),
    ...platformInputs,
    '          snapshot-signing-key: ${{ secrets.FAIRLEAD_SNAPSHOT_SIGNING_KEY }}',
  );
}

function runnerLines({ runner }: Dialect): readonly string[] {
  return [`    runs-on: ${runner}`, '    timeout-minutes: 15'];
}

function reviewPermissions({ contents }: Dialect, { sarif }: CiWanted): readonly string[] {
  return [
    '    permissions:',
    `      contents: ${contents}`,
    '      pull-requests: write # writes one comment, and edits it in place',
    '      statuses: write # fairlead/plan, and one for each environment',
    '      checks: write # remarks at lines',
    ...(sarif ? ['      security-events: write # code scanning'] : []),
  ];
}

function useFairlead({ pin }: CiWanted): readonly string[] {
  const place = pin ? `${pin.where}@${pin.commit}` : placeholder;
  return [`      - uses: ${place}`, '        with:'];
}

function reviewInputs(wanted: CiWanted): readonly string[] {
  return [
    '          command: review',
    pathsLine(wanted),
    ...(wanted.sarif ? ["          sarif: 'true'"] : []),
  ];
}

function pathsLine({ paths }: CiWanted): string {
  return `          paths: ${JSON.stringify(paths.join('\n'))}`;
}

const platformInputs = [
  '          settings: ${{ secrets.FAIRLEAD_SETTINGS }}',
  '          private-key: ${{ secrets.FAIRLEAD_PRIVATE_KEY }}',
  '          platform-public-key: ${{ vars.FAIRLEAD_PLATFORM_PUBLIC_KEY }}',
];

const snapshotInputs = [
  `          snapshot-branch: ${snapshotBranch}`,
  '          snapshot-public-key: ${{ vars.FAIRLEAD_SNAPSHOT_PUBLIC_KEY }}',
];

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
