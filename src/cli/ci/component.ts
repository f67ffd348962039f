import {
  forksJob,
  gitlabImage,
  type GitlabValues,
  programJob,
  reviewJob,
  snapshotJob,
} from './gitlab.ts';

const inputs: GitlabValues = {
  stage: '$[[ inputs.stage ]]',
  image: '$[[ inputs.image ]]',
  repository: '$[[ inputs.fairlead-repository ]]',
  commit: '$[[ inputs.fairlead-commit ]]',
  paths: '$[[ inputs.paths ]]',
};

/** `templates/review.yml`: the jobs of `fairlead ci gitlab` as a component. Written by `npm run generate`. */
export function gitlabComponent(): string {
  return [
    spec,
    '---\n',
    programJob(inputs),
    reviewJob('$[[ inputs.against ]]'),
    forksJob('$[[ inputs.forks ]]'),
    snapshotJob('$[[ inputs.publish-snapshot ]]'),
  ].join('\n');
}

const spec = `# A component of GitLab CI. Made by \`npm run generate\` from what \`fairlead ci gitlab\` prints, which explains the variables.
spec:
  inputs:
    fairlead-repository:
      description: https address of the repository of Fairlead
    fairlead-commit:
      description: the commit of Fairlead that runs, by its full hash
      regex: ^([0-9a-f]{40}|[0-9a-f]{64})$
    paths:
      description: declarations below the root of the repository, one path; empty is everything
      default: ''
    against:
      description: what reviews of the project's own branches stand on
      options: [platform, snapshot]
      default: platform
    forks:
      description: "'true': scheduled pipelines review merge requests of forks, against the signed snapshot"
      options: ['true', 'false']
      default: 'false'
    publish-snapshot:
      description: "'true': the default branch publishes a signed snapshot of the platform"
      options: ['true', 'false']
      default: 'false'
    stage:
      default: test
    image:
      description: an image with Node 24 and Git
      default: ${gitlabImage}
`;
