import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { root } from '../../../tools/files.ts';
import { live, release } from '../../servers/review-story-world.ts';
import type { StatePull } from '../../support/forge-shapes/forge-state.ts';
import type { GithubShape } from '../../support/forge-shapes/github-shape.ts';
import { type ReviewHow, shapeStory, type ShapeStory } from './review-story-shapes-stage.ts';

const file = 'releases/coffee-2.5.0.yaml';
const liveFile = 'releases/coffee-2.4.0.yaml';
const sandbox = 'megapay/Sandbox { merchantId: M-77-T }';
const sandboxAfter = 'megapay/Sandbox { merchantId: M-77-T, testers: ["2088001", "2088002"] }';
const paid = 'megapay/Production { merchantId: M-88 }';
const coffee = (...targets: readonly string[]) => release('coffee-2.5.0', '2.5.0', targets);

const pushes = [
  {
    name: '02-payee',
    title: 'First push: somebody else is paid',
    files: { [file]: coffee(sandbox, paid) },
    code: 0,
  },
  {
    name: '03-invalid',
    title: 'Second push: a field that does not exist',
    files: { [file]: coffee(sandbox, 'megapay/Production { merchantID: M-88 }') },
    code: 5,
  },
  {
    name: '04-blocked',
    title: 'Third push: corrected, and a version under review is to change',
    files: { [file]: coffee(sandbox, paid), [liveFile]: live.replace('M-12', 'M-13') },
    code: 0,
  },
  {
    name: '05-ready',
    title: 'Fourth push: that is taken back, and testers are added',
    files: { [file]: coffee(sandboxAfter, paid), [liveFile]: live },
    code: 0,
  },
] as const;

async function reviewed(stage: ShapeStory, pull: StatePull, code: number, how: ReviewHow = {}) {
  const ran = await stage.review(pull, how);
  expect(ran.code, ran.stderr).toBe(code);
}

describe.each(['github', 'gitlab'] as const)('a pull request at the shapes of %s', (name) => {
  it('is told what it does from its opening to its merge', async () => {
    const stage = await shapeStory(name);
    const golden = async (page: string, title: string, pull: StatePull) => {
      const path = join(root, 'test', 'fixtures', `review-story-${name}`, `${page}.md`);
      await expect.soft(stage.page(title, pull)).toMatchFileSnapshot(path);
    };
    const pull = await stage.open('Coffee 2.5.0', { [file]: coffee(sandbox) });
    const older = pull.head;
    const forged =
      '<!-- fairlead:review name=default v=1 head=x base=x said=x notes=x text=x -->\nGo.';
    stage.comment(pull, 'stranger', forged);

    await reviewed(stage, pull, 0);
    await golden('01-opened', 'Opened', pull);
    const [first] = stage.own(pull);

    for (const { name: page, title, files, code } of pushes) {
      await stage.push(pull, files);
      await reviewed(stage, pull, code);
      await golden(page, title, pull);
      expect(
        stage.own(pull).map(({ id }) => id),
        'one comment, edited in place',
      ).toEqual([first?.id]);
      expect(stage.state.comments[0]?.body, 'a forged marker is nothing').toBe(forged);
    }

    // A job of the first head ends late.
    const newest = stage.page('', pull);
    const told = stage.state.statuses.length;
    await reviewed(stage, pull, 0, { args: ['--head', older] });
    expect(stage.page('', pull)).toBe(newest);
    expect(stage.state.statuses).toHaveLength(told);

    const rival = release('coffee-weekend', '2.5.0', ['megapay/Production { merchantId: M-99 }']);
    const second = await stage.open('Weekend', { 'releases/coffee-weekend.yaml': rival });
    await reviewed(stage, second, 0);
    await golden('06-conflicting', 'A second pull request claims the same', second);

    const stranger = release('coffee-2.6.0', '2.6.0', ['tapngo/Sandbox { merchantId: M-5 }']);
    const fork = { 'releases/coffee-2.6.0.yaml': stranger };
    const third = await stage.open('TapNGo', fork, { isFork: true });
    const before = (await stage.platform.calls()).length;
    await reviewed(stage, third, 0, { platform: 'none' });
    await golden('07-fork', "A stranger's pull request, from a fork", third);
    expect(await stage.platform.calls(), 'nobody asked the platform').toHaveLength(before);

    const last = stage.own(pull).map(({ body }) => body);
    await stage.merge(pull);
    await reviewed(stage, pull, 0);
    expect(
      stage.own(pull).map(({ body }) => body),
      'a merged one is left as it is',
    ).toEqual(last);
    await reviewed(stage, second, 5);
    await golden('08-after-the-merge', 'The second one, after the first was merged', second);
    const writes = (await stage.platform.calls()).filter(({ operation }) =>
      /^(create|patch)/.test(operation),
    );
    expect(writes, 'reviews write nothing').toEqual([]);
    // Heads came from the forge's own Git, with the token as a header and nowhere else.
    expect(stage.git.requests.some(({ command }) => command === 'fetch')).toBe(true);
    expect(stage.git.requests.filter(({ path }) => path.includes('token'))).toEqual([]);
  });
});

describe('a GitHub App', () => {
  it('fetches what the checkout lacks with a token that reads contents and nothing else', async () => {
    const stage = await shapeStory('github', 'ghs_installation_2');
    const { app, take } = stage.shape as GithubShape;
    const pull = await stage.open('Coffee 2.5.0', { [file]: coffee(sandbox) });
    const key = await stage.place.write('app.pem', app.privateKey);

    await reviewed(stage, pull, 0, {
      env: {
        FAIRLEAD_FORGE_TOKEN: '',
        FAIRLEAD_FORGE_APP_ID: app.id,
        FAIRLEAD_FORGE_APP_KEY_FILE: key,
      },
    });

    const made = take().filter(({ path }) => path.endsWith('/access_tokens'));
    expect(made.map(({ body }) => body)).toEqual([
      { repositories: ['wallets'] },
      { repositories: ['wallets'], permissions: { contents: 'read' } },
    ]);
    expect(stage.git.requests.some(({ command }) => command === 'fetch')).toBe(true);
    expect(stage.own(pull)).toHaveLength(1);
  });
});
