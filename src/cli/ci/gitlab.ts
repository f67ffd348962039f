import { snapshotBranch } from './pinned.ts';
import type { CiWanted } from './wanted.ts';

/** Node and Git are in it; a digest of your own registry's copy pins it. */
export const gitlabImage = 'node:24-bookworm';

/** What the jobs are written with: values, or inputs of a component. */
export interface GitlabValues {
  readonly stage: string;
  readonly image: string;
  readonly repository: string;
  readonly commit: string;
  /** One path a line, as the inside of a text between double quotes. */
  readonly paths: string;
}

/** A pipeline of GitLab for `fairlead ci gitlab`. Ends with a line feed. */
export function gitlabPipeline(wanted: CiWanted): string {
  const values: GitlabValues = {
    stage: 'test',
    image: gitlabImage,
    repository: wanted.pin?.where ?? 'ADDRESS_OF_FAIRLEAD',
    commit: wanted.pin?.commit ?? 'COMMIT',
    paths: JSON.stringify(wanted.paths.join('\n')).slice(1, -1),
  };
  const publishes = wanted.snapshot || wanted.forks;
  return [
    header(wanted, publishes),
    programJob(values),
    reviewJob(wanted.snapshot ? 'snapshot' : 'platform'),
    ...(wanted.forks ? [forksJob()] : []),
    ...(publishes ? [snapshotJob()] : []),
  ].join('\n');
}

function header(wanted: CiWanted, publishes: boolean): string {
  return lines(
    '# Fairlead says in each merge request what merging it would do on the platform.',
    '# Printed by `fairlead ci gitlab`; save it as .gitlab/fairlead.yml on the default branch, and name it in',
    '# .gitlab-ci.yml:  include: [{ local: .gitlab/fairlead.yml }]',
    ...(wanted.pin ? [] : pinMissing),
    '#',
    '# Let the commit status fairlead/plan decide whether merging is allowed, not a job of this file: a pipeline without',
    '# the job is green as well.',
    '#',
    '# CI/CD variables of the project, hidden and masked; those of the first three that are read only by jobs of the',
    '# default branch are best protected:',
    '#   FAIRLEAD_FORGE_TOKEN   a project access token, role Developer, scope api: a job token cannot write comments',
    '#   FAIRLEAD_SETTINGS      type File: PlatformConnections; keys by file: private-key.pem, platform-public-key.pem',
    '#   FAIRLEAD_PRIVATE_KEY   type File: what the settings call private-key.pem',
    '#   FAIRLEAD_PLATFORM_PUBLIC_KEY   type File: what the settings call platform-public-key.pem',
    ...(publishes ? snapshotVariables : []),
    ...(publishes
      ? [
          '#',
          '# Make a pipeline schedule for the default branch (CI/CD > Schedules), such as every 15 minutes.',
        ]
      : []),
  );
}

const pinMissing = [
  '#',
  '# BEFORE YOU SAVE IT: put the https address and the full commit hash of Fairlead in place of ADDRESS_OF_FAIRLEAD and',
  '# COMMIT, or print it anew with --fairlead https://gitlab.example.com/GROUP/fairlead.git@HASH. Until then every job',
  '# fails. A hash, not a tag: whoever can move a tag can run code beside the token.',
];

const snapshotVariables = [
  '#   FAIRLEAD_SNAPSHOT_SIGNING_KEY  type File, protected: signs what the default branch publishes',
  '#   FAIRLEAD_SNAPSHOT_PUBLIC_KEY   verifies it; public',
  `#   FAIRLEAD_PUSH_TOKEN    protected: a project access token, scope write_repository, that pushes ${snapshotBranch}`,
];

/** How every job gets the program: one commit, fetched by its hash, beside the checkout and never in it. */
export function programJob(values: GitlabValues): string {
  return lines(
    '.fairlead:',
    `  stage: ${values.stage}`,
    `  image: ${values.image}`,
    '  timeout: 15 minutes',
    '  cache: []',
    '  variables:',
    `    FAIRLEAD_REPOSITORY: ${quoted(values.repository)}`,
    `    FAIRLEAD_COMMIT: ${quoted(values.commit)}`,
    `    FAIRLEAD_PATHS: ${quoted(values.paths)}`,
    '  before_script:',
    '    - program=$(mktemp -d)',
    '    - git -C "$program" init --quiet',
    '    - git -C "$program" fetch --quiet --depth 1 "$FAIRLEAD_REPOSITORY" "$FAIRLEAD_COMMIT"',
    '    - git -C "$program" checkout --quiet "$FAIRLEAD_COMMIT"',
    '    - sh "$program/ci/provide.sh"',
  );
}

/** Into the default branch alone: statuses are of a commit, which may be on its way to several branches. */
const ownRequest =
  '$CI_PIPELINE_SOURCE == "merge_request_event" && $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID' +
  ' && $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == $CI_DEFAULT_BRANCH';
const schedule = '$CI_PIPELINE_SOURCE == "schedule" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH';
const pushOrSchedule =
  '$CI_PIPELINE_SOURCE =~ /^(push|schedule)$/ && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH';

/** @param standsOn  a value, or an input of a component that holds one */
export function reviewJob(standsOn: string): string {
  return lines(
    '# Branches of this project. The job checks nothing out: base and head are fetched as Git objects into a repository',
    '# of their own. A newer push cancels it. Into the default branch alone: statuses are of a commit, and the verdict of',
    '# a request that brings the same commit to another branch would stand for this one.',
    'fairlead-review:',
    '  extends: .fairlead',
    '  interruptible: true',
    '  rules:',
    `    - if: '${ownRequest}'`,
    '  variables:',
    '    GIT_STRATEGY: none',
    `    FAIRLEAD_AGAINST: ${quoted(standsOn)}`,
    `    FAIRLEAD_SNAPSHOT_BRANCH: ${snapshotBranch}`,
    '    FAIRLEAD_CODE_QUALITY: $CI_PROJECT_DIR/fairlead-code-quality.json',
    '  script:',
    '    - sh "$program/ci/review.sh"',
    '  artifacts:',
    '    when: always',
    '    reports:',
    '      codequality: fairlead-code-quality.json',
  );
}

/** @param enabled  undefined, or an input of a component that says "true" */
export function forksJob(enabled?: string): string {
  return lines(
    '# Forks. Their own pipelines run in the fork, where no token of this project is; and a pipeline that a member starts',
    '# for one here would run the file of the fork. So the default branch looks at them by itself, in its schedule: as',
    '# Git objects that never become files, against the signed snapshot, without any credential of the platform.',
    'fairlead-review-forks:',
    '  extends: .fairlead',
    '  rules:',
    `    - if: '${when(enabled)}${schedule}'`,
    '  needs: [{ job: fairlead-snapshot, optional: true }]',
    '  resource_group: fairlead-review-forks',
    '  variables:',
    '    GIT_STRATEGY: none',
    '    FAIRLEAD_PULL: forks',
    '    FAIRLEAD_AGAINST: snapshot',
    `    FAIRLEAD_SNAPSHOT_BRANCH: ${snapshotBranch}`,
    '  script:',
    '    - sh "$program/ci/review.sh"',
  );
}

/** @param enabled  undefined, or an input of a component that says "true" */
export function snapshotJob(enabled?: string): string {
  return lines(
    '# The default branch reads the platform and publishes what it read, signed and without secrets, as the one commit of',
    `# the branch ${snapshotBranch}. It holds merchant ids, domains and account ids of testers: whoever may read this`,
    '# repository may read it.',
    'fairlead-snapshot:',
    '  extends: .fairlead',
    '  rules:',
    `    - if: '${when(enabled)}${pushOrSchedule}'`,
    '  resource_group: fairlead-snapshot',
    '  variables:',
    '    GIT_DEPTH: "1"',
    `    FAIRLEAD_SNAPSHOT_BRANCH: ${snapshotBranch}`,
    '  script:',
    '    - sh "$program/ci/snapshot.sh"',
  );
}

function when(enabled: string | undefined): string {
  return enabled === undefined ? '' : `"${enabled}" == "true" && `;
}

function quoted(text: string): string {
  return `"${text}"`;
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
