import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { pinned, snapshotBranch } from '../../../src/cli/ci/pinned.ts';
import { root } from '../../../tools/files.ts';
import { printWorkflow } from '../../support/ci-workflows.ts';

interface Action {
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly default: string }>
  >;
  readonly runs: {
    readonly steps: readonly {
      readonly uses?: string;
      readonly run?: string;
      readonly env?: Readonly<Record<string, string>>;
    }[];
  };
}

const text = await readFile(join(root, 'action.yml'), 'utf8');
const action = parse(text) as Action;
const scripts = await Promise.all(
  ['common.sh', 'provide.sh', 'review.sh', 'snapshot.sh'].map(async (name) => ({
    name,
    script: await readFile(join(root, 'ci', name), 'utf8'),
  })),
);

describe('the action', () => {
  it('puts no expression into a script', () => {
    const runs = action.runs.steps.flatMap(({ run }) => run ?? []);

    expect(runs).toHaveLength(2);
    expect(runs.filter((run) => run.includes('${{'))).toEqual([]);
  });

  it('uses what others made by the hash that printed workflows use', () => {
    expect(text).toContain(`- uses: ${pinned.setupNode}\n`);
    expect(action.runs.steps.flatMap(({ uses }) => uses ?? [])).toHaveLength(1);
  });

  it('hands every input to a variable, and says what each is for', () => {
    const handed = action.runs.steps.flatMap(({ env }) => Object.values(env ?? {}));

    expect(handed.toSorted()).toEqual(
      Object.keys(action.inputs)
        .map((name) => `\${{ inputs.${name} }}`)
        .toSorted(),
    );
    for (const { description } of Object.values(action.inputs))
      expect(description.length).toBeGreaterThan(10);
  });

  it('takes every input that a printed workflow gives', async () => {
    const printed = await printWorkflow('github', { snapshot: true, forks: true, sarif: true });
    const { jobs } = parse(printed) as {
      jobs: Record<string, { steps: readonly { uses: string; with: object }[] }>;
    };
    const given = Object.values(jobs)
      .flatMap(({ steps }) => steps)
      .filter(({ uses }) => uses.includes('fairlead'))
      .flatMap((step) => Object.keys(step.with));

    expect(given.filter((name) => !(name in action.inputs))).toEqual([]);
  });

  it('agrees with its scripts about the branch of the snapshot', () => {
    const common = scripts.find(({ name }) => name === 'common.sh')?.script;

    expect(common).toContain(`FAIRLEAD_SNAPSHOT_BRANCH:-${snapshotBranch}`);
  });

  it.each(scripts)(
    '$name reads no variable that a stranger fills in but number and branch',
    ({ script }) => {
      expect(script).not.toMatch(
        /GITHUB_HEAD_REF|GITHUB_EVENT_PATH|SOURCE_BRANCH|MERGE_REQUEST_TITLE|eval /,
      );
    },
  );
});
