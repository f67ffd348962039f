import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';

import { root } from '../../tools/files.ts';
import { printWorkflow, workflowCases } from '../support/ci-workflows.ts';
import { gitlabSchema } from '../support/gitlab-schema.ts';
import { serverTool } from '../support/server-tools.ts';

const run = promisify(execFile);
let actionlint = '';
let repository = '';

beforeAll(async () => {
  actionlint = await serverTool('actionlint');
  repository = await mkdtemp(join(tmpdir(), 'fl-lint-'));
  await mkdir(join(repository, '.github/workflows'), { recursive: true });
  await run('git', ['init', '--quiet', repository]);
  await cp(join(root, 'action.yml'), join(repository, 'action.yml'));
});
afterAll(() => rm(repository, { recursive: true, force: true }));

/** What actionlint says, a line each; nothing when it is content. */
async function complaints(workflow: string): Promise<readonly string[]> {
  const file = join(repository, '.github/workflows/fairlead.yml');
  await writeFile(file, workflow);
  return run(actionlint, ['-oneline', file], { cwd: repository }).then(
    () => [],
    (error: { stdout: string }) => error.stdout.trim().split('\n'),
  );
}

/** The action of this repository in place of a pinned one: then its inputs are judged as well. */
function withOwnAction(workflow: string): string {
  return workflow.replaceAll(/uses: \S*fairlead@\S+/g, 'uses: ./');
}

const workflows = workflowCases.flatMap(({ name, forges, options }) =>
  forges.filter((forge) => forge !== 'gitlab').map((forge) => ({ name, forge, options })),
);

describe('actionlint', () => {
  it.each(workflows)('is content with $forge $name', async ({ forge, options }) => {
    const text = withOwnAction(await printWorkflow(forge, options));

    expect(text).toContain('uses: ./');
    expect(await complaints(text)).toEqual([]);
  });

  it.each([
    { name: 'an input that is none', from: 'command: review', to: 'commands: review' },
    { name: 'a right that is none', from: 'statuses: write', to: 'status: write' },
    { name: 'a trigger that is none', from: 'pull_request:', to: 'pull_requests:' },
    { name: 'an expression that is none', from: 'startsWith(', to: 'beginsWith(' },
  ])('would not be with $name', async ({ from, to }) => {
    const text = withOwnAction(await printWorkflow('github', {}));

    expect(await complaints(text.replace(from, to))).not.toEqual([]);
  });

  it('is content with the steps of the action, as a workflow of their own', async () => {
    expect(await complaints(await stepsAsWorkflow((text) => text))).toEqual([]);
  });

  it('would not be with an input in a script', async () => {
    const planted = await stepsAsWorkflow((text) =>
      text.replace('case $FAIRLEAD_COMMAND', 'echo ${{ inputs.nothing }}; case $FAIRLEAD_COMMAND'),
    );

    expect(await complaints(planted)).not.toEqual([]);
  });
});

/** actionlint reads what an action says of itself, but no steps; as those of a called workflow it reads them. */
async function stepsAsWorkflow(change: (text: string) => string): Promise<string> {
  const action = parse(change(await readFile(join(root, 'action.yml'), 'utf8'))) as {
    inputs: Readonly<Record<string, { description: string }>>;
    runs: { steps: readonly object[] };
  };
  const inputs = Object.fromEntries(
    Object.entries(action.inputs).map(([name, { description }]) => [
      name,
      { description, type: 'string' },
    ]),
  );
  return stringify({
    on: { workflow_call: { inputs } },
    permissions: {},
    jobs: { steps: { 'runs-on': 'ubuntu-24.04', steps: action.runs.steps } },
  });
}

describe("GitLab's schema of pipelines", () => {
  const pipelines = workflowCases.filter(({ forges }) => forges.includes('gitlab'));

  async function judge(document: unknown): Promise<boolean> {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    return ajv.validate(await gitlabSchema(), document);
  }

  it.each(pipelines)('takes $name', async ({ options }) => {
    expect(await judge(parse(await printWorkflow('gitlab', options)))).toBe(true);
  });

  it('takes the jobs of the component; of its inputs, which stand before them, it knows nothing', async () => {
    const text = await readFile(join(root, 'templates/review.yml'), 'utf8');
    const [, jobs] = parseAllDocuments(text);

    expect(await judge(jobs?.toJS())).toBe(true);
  });

  it.each([
    { name: 'a word that is none', from: 'interruptible', to: 'interruptable' },
    { name: 'rules that are no list', from: 'rules:\n    - if', to: 'rules:\n    if' },
    { name: 'a script that is a map', from: 'script:\n    - sh', to: 'script:\n    sh: a #' },
  ])('refuses $name', async ({ from, to }) => {
    const text = await printWorkflow('gitlab', {});

    expect(text).toContain(from);
    expect(await judge(parse(text.replace(from, to)))).toBe(false);
  });
});
