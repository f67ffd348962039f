import { gitlabComponent } from '../../src/cli/ci/component.ts';

/** The component of GitLab CI: where GitLab looks for one, from the source of what `fairlead ci gitlab` prints. */
export async function generate(): Promise<ReadonlyMap<string, string>> {
  return Promise.resolve(new Map([['templates/review.yml', gitlabComponent()]]));
}
