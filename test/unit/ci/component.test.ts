import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

import { gitlabComponent } from '../../../src/cli/ci/component.ts';
import { printWorkflow } from '../../support/ci-workflows.ts';

const hash = '0123456789abcdef0123456789abcdef01234567';

/** What GitLab makes of a component: inputs are put in as they are, before anything is read. */
function interpolated(inputs: Readonly<Record<string, string>>): object {
  const [, jobs = ''] = gitlabComponent().split('---\n');
  const text = jobs.replaceAll(/\$\[\[ inputs\.([\w-]+) \]\]/g, (_, name: string) => {
    const value = inputs[name];
    if (value === undefined) throw new Error(`no input ${name}`);
    return value;
  });
  return parse(text) as object;
}

const given = {
  'fairlead-repository': 'https://gitlab.acme.example/tools/fairlead.git',
  'fairlead-commit': hash,
  paths: 'releases/',
  against: 'platform',
  forks: 'true',
  'publish-snapshot': 'true',
  stage: 'test',
  image: 'node:24-bookworm',
};

describe('the component for GitLab', () => {
  it('declares every input that its jobs use, and no other', () => {
    const [spec] = parseAllDocuments(gitlabComponent());
    const { inputs } = (spec?.toJS() as { spec: { inputs: object } }).spec;

    expect(Object.keys(inputs).toSorted()).toEqual(Object.keys(given).toSorted());
    expect(() => interpolated(given)).not.toThrow();
  });

  it('is the pipeline that the command prints, but for switches', async () => {
    const text = await printWorkflow('gitlab', {
      ...{ path: ['releases/'], forks: true },
      fairlead: `${given['fairlead-repository']}@${hash}`,
    });
    const on = String.raw`\"true\" == \"true\" && `;
    const jobs = JSON.stringify(interpolated(given));
    const component = JSON.parse(jobs.replaceAll(on, '')) as object;

    expect(jobs).toContain(on);
    expect(component).toEqual(parse(text));
  });
});
