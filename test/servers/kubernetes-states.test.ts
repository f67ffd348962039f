import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { root } from '../../tools/files.ts';
import type { ControlPlane } from '../support/control-plane.ts';
import { captionedTable, type Captioned } from '../unit/status/kubectl-table.ts';
import { verdictsOf } from './kstatus-verdicts.ts';
import { idOf, objectsOf, stories, worldOf, type Story } from './kubernetes-stories.ts';
import {
  approvalsPolicy,
  becomes,
  clusterStage,
  preparedPlane,
  settings,
  type ClusterStage,
} from './kubernetes-stage.ts';

let plane: ControlPlane;

beforeAll(async () => {
  plane = await preparedPlane();
}, 120_000);

afterAll(async () => {
  await plane.stop();
});

const namespaceOf = ({ namespace = 'shop' }: Story): string => namespace;
const releaseOf = ({ name }: Story): string => `mpr/${name}-1.0.0`;

/** Every release stands where its declaration and the console brought it. */
async function live(stage: ClusterStage): Promise<void> {
  for (const namespace of ['shop', 'market', 'street'])
    await stage.kubectl('create', 'namespace', namespace);
  const grants = JSON.stringify({ spec: { grants: [{ namespaces: ['shop', 'market'] }] } });
  await stage.kubectl('patch', 'pconn', 'default', '--type=merge', '-p', grants);
  await stage.apply(await approvalsPolicy());
  const config = await stage.place.write(
    'settings.yaml',
    settings('intervals: { sweepSeconds: 3 }'),
  );
  const first = stories.filter(({ of }) => of === undefined);
  for (const story of first) await stage.apply(objectsOf(story), namespaceOf(story));
  await stage.start(['--config', config]);
  for (const story of first)
    await becomes(stage, releaseOf(story), namespaceOf(story), story.first ?? story.stands);
  for (const story of stories)
    if (story.of !== undefined) await stage.apply(objectsOf(story), namespaceOf(story));
  for (const story of stories)
    await story.then?.(stage, {
      program: { workspace: 'acme', miniProgram: idOf(story) },
      name: story.name,
    });
  for (const story of stories)
    await becomes(stage, releaseOf(story), namespaceOf(story), story.stands);
}

/** The cells that kubectl prints of one release; ages are another matter. */
async function printed(stage: ClusterStage, story: Story): Promise<readonly string[]> {
  const text = await stage.kubectl('get', releaseOf(story), '-n', namespaceOf(story));
  const [header = '', row = ''] = text.split('\n');
  const starts = [...header.matchAll(/\S+/g)].map(({ index }) => index);
  const cells = starts.map((start, column) => row.slice(start, starts[column + 1]).trim());
  return [...cells.slice(0, -1), (cells.at(-1) ?? '').replace(/^\d+[sm].*$/, '1m')];
}

/** Whether `kubectl wait` has nothing to wait for. */
async function isWaitedFor({ plane: { kubectl } }: ClusterStage, story: Story): Promise<boolean> {
  const where = [releaseOf(story), '-n', namespaceOf(story)];
  const { exitCode } = await kubectl(['wait', '--for=condition=Ready', '--timeout=0', ...where]);
  return exitCode === 0;
}

it('every state is reached by declarations and people, printed by kubectl, and judged by kstatus', async () => {
  const stage = await clusterStage(plane, worldOf());
  await live(stage);

  const objects = await Promise.all(
    stories.map((story) => stage.get(releaseOf(story), namespaceOf(story))),
  );
  const verdicts = await verdictsOf(objects);
  const waited = await Promise.all(stories.map((story) => isWaitedFor(stage, story)));
  const rows: Captioned[] = [];
  for (const story of stories)
    rows.push({
      caption: `${story.name} (${story.verdict}): ${story.why}`,
      cells: await printed(stage, story),
    });

  expect(stories.map(({ name }, index) => `${name} ${verdicts[index]?.status ?? ''}`)).toEqual(
    stories.map(({ name, verdict }) => `${name} ${verdict}`),
  );
  expect(
    stories.flatMap(({ name }, index) => (waited[index] ? [name] : [])),
    'kubectl wait returns for what is ready alone',
  ).toEqual(stories.flatMap(({ name, stands }) => (stands.startsWith('True') ? [name] : [])));
  const picture = `${intro}${captionedTable('miniprogramreleases', rows)}\n`;
  await expect(picture).toMatchFileSnapshot(join(root, 'test/fixtures/status/kubectl.txt'));
});

const intro = `What kubectl prints of releases that a controller brought where they stand, and in brackets the verdict of
kstatus. Messages are not padded for. Made by: vitest run --project servers test/servers/kubernetes-states.test.ts -u

$ kubectl get miniprogramreleases
`;
