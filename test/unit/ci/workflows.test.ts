import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { root } from '../../../tools/files.ts';
import { printWorkflow, workflowCases } from '../../support/ci-workflows.ts';

const cases = workflowCases.flatMap(({ name, forges, options }) =>
  forges.map((forge) => ({ name, forge, options })),
);

interface Job {
  readonly if?: string;
  readonly environment?: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly steps: readonly {
    readonly uses?: string;
    readonly run?: string;
    readonly with?: object;
  }[];
}

interface Workflow {
  readonly on: object;
  readonly permissions: object;
  readonly concurrency: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const actions = cases.filter(({ forge }) => forge !== 'gitlab');

async function parsed(
  forge: string,
  options: Readonly<Record<string, unknown>>,
): Promise<Workflow> {
  return parse(await printWorkflow(forge, options)) as Workflow;
}

describe('a printed workflow', () => {
  it.each(cases)(
    'reads like test/fixtures/ci/$forge-$name.yml',
    async ({ name, forge, options }) => {
      await expect(await printWorkflow(forge, options)).toMatchFileSnapshot(
        join(root, `test/fixtures/ci/${forge}-${name}.yml`),
      );
    },
  );

  it.each(actions)(
    'gives nothing that no job asked for: $forge $name',
    async ({ forge, options }) => {
      const { permissions, jobs } = await parsed(forge, options);

      expect(permissions).toEqual({});
      for (const [name, job] of Object.entries(jobs)) {
        const writes = Object.entries(job.permissions).filter(([, right]) => right === 'write');
        // Gitea sets no status for a token that may not write contents.
        const contents = forge === 'gitea' ? ['contents'] : [];
        const reviews = [...contents, 'pull-requests', 'statuses', 'checks'];
        const expected = options['sarif'] === true ? [...reviews, 'security-events'] : reviews;
        expect(writes.map(([right]) => right)).toEqual(
          name === 'snapshot' ? ['contents'] : expected,
        );
      }
    },
  );

  it.each(actions)('runs nothing that is not pinned: $forge $name', async ({ forge, options }) => {
    const { jobs } = await parsed(forge, options);
    const steps = Object.values(jobs).flatMap((job) => job.steps);
    const used = steps.flatMap(({ uses }) => uses ?? []);
    const loose = used.filter((uses) => !/@[0-9a-f]{40}$/.test(uses));

    expect(steps.filter(({ run }) => run !== undefined)).toEqual([]);
    expect(loose, 'a placeholder fails, a tag would run').toEqual(
      options['fairlead'] === undefined ? used.filter((uses) => uses.includes('OWNER_OF')) : [],
    );
    expect(used.length).toBeGreaterThan(0);
  });

  it.each(actions)('lets the last push win: $forge $name', async ({ forge, options }) => {
    const { concurrency } = await parsed(forge, options);

    expect(concurrency['group']).toContain('github.event.pull_request.number');
    expect(concurrency['group'], 'the two triggers must not cancel each other').toContain(
      'github.event_name',
    );
    expect(concurrency['cancel-in-progress']).toContain("'pull_request'");
  });

  it.each(actions.filter(({ options }) => options['forks'] === true))(
    'hands a fork no secret, no checkout and no step but one: $forge $name',
    async ({ forge, options }) => {
      const { on, jobs } = await parsed(forge, options);
      const fork = jobs['review-fork'];

      expect(on).toHaveProperty('pull_request_target');
      expect(fork?.if).toContain("github.event_name == 'pull_request_target'");
      expect(fork?.if).toContain('head.repo.full_name != github.repository');
      expect(fork?.steps.map(({ uses }) => uses?.split('@')[0]?.split('/').at(-1))).toEqual([
        'fairlead',
      ]);
      expect(JSON.stringify(fork)).not.toContain('secrets.');
      expect(fork?.permissions['contents']).toBe(forge === 'gitea' ? 'write' : 'read');
    },
  );

  it.each(actions.filter(({ options }) => options['snapshot'] === true))(
    'keeps the platform to the default branch where a snapshot is asked for: $forge $name',
    async ({ forge, options }) => {
      const { jobs } = await parsed(forge, options);

      expect(JSON.stringify(jobs['review'])).not.toContain('secrets.');
      expect(jobs['snapshot']?.if).toContain(
        `github.ref == 'refs/heads/${String(options['branch'])}'`,
      );
      expect(jobs['snapshot']?.environment).toBe(forge === 'github' ? 'fairlead' : undefined);
    },
  );

  it.each(actions)(
    'reviews what goes to the default branch alone, for statuses are of a commit: $forge $name',
    async ({ forge, options }) => {
      const { on } = await parsed(forge, options);
      const pulls = Object.entries(on).filter(([event]) => event.startsWith('pull_request'));

      expect(pulls.length).toBe(options['forks'] === true ? 2 : 1);
      for (const [event, trigger] of pulls)
        expect(trigger, event).toMatchObject({ branches: [options['branch']] });
    },
  );

  it('has no trigger that runs with rights on forks unless it is asked for', async () => {
    const { on, jobs } = await parsed('github', { snapshot: true });

    expect(on).not.toHaveProperty('pull_request_target');
    expect(Object.keys(jobs)).toEqual(['review', 'snapshot']);
  });
});

interface Pipeline {
  readonly [job: string]: {
    readonly rules?: readonly { readonly if: string }[];
    readonly variables?: Readonly<Record<string, string>>;
    readonly script?: readonly string[];
    readonly interruptible?: boolean;
  };
}

describe('a printed pipeline of GitLab', () => {
  it('checks nothing out where a request is reviewed', async () => {
    const text = await printWorkflow('gitlab', { forks: true, fairlead: 'pin' });
    const jobs = parse(text) as Pipeline;

    expect(jobs['fairlead-review']?.variables?.['GIT_STRATEGY']).toBe('none');
    expect(jobs['fairlead-review']?.interruptible, 'the last push wins').toBe(true);
    expect(jobs['fairlead-review-forks']?.variables?.['GIT_STRATEGY']).toBe('none');
  });

  it('reviews forks on the default branch alone, without the platform', async () => {
    const text = await printWorkflow('gitlab', { forks: true, fairlead: 'pin' });
    const job = (parse(text) as Pipeline)['fairlead-review-forks'];

    expect(job?.rules?.map((rule) => rule.if)).toEqual([
      '$CI_PIPELINE_SOURCE == "schedule" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH',
    ]);
    expect(job?.variables?.['FAIRLEAD_AGAINST']).toBe('snapshot');
  });

  it('reviews only branches of the project in their own pipelines', async () => {
    const jobs = parse(await printWorkflow('gitlab', {})) as Pipeline;

    expect(Object.keys(jobs)).toEqual(['.fairlead', 'fairlead-review']);
    expect(jobs['fairlead-review']?.rules?.[0]?.if).toContain(
      '$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID',
    );
    expect(jobs['fairlead-review']?.rules?.[0]?.if, 'statuses are of a commit').toContain(
      '$CI_MERGE_REQUEST_TARGET_BRANCH_NAME == $CI_DEFAULT_BRANCH',
    );
  });
});
