import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';

import { root } from '../../tools/files.ts';
import { type Controller, patient, startController, worldWith } from '../support/controller.ts';
import { type Gitea, startGitea } from '../support/gitea.ts';
import { startGiteaProxy } from './gitea-proxy.ts';
import { accessLog, bait, forkJobs, requestsSince, startCanary } from './review-story-fork.ts';
import { createStory, page, type ReviewHow, type StoryStage } from './review-story-stage.ts';
import { live, release } from './review-story-world.ts';

let gitea: Gitea;

let logs: string;

beforeAll(async () => {
  logs = await mkdtemp(join(tmpdir(), 'fairlead-gitea-log-'));
  gitea = await startGitea({ settings: accessLog(join(logs, 'access.log')) });
});

afterAll(async () => {
  await gitea.stop();
  await rm(logs, { recursive: true, force: true });
});

const file = 'releases/coffee-2.5.0.yaml';
const liveFile = 'releases/coffee-2.4.0.yaml';
const sandbox = 'megapay/Sandbox { merchantId: M-77-T }';
const sandboxAfter = 'megapay/Sandbox { merchantId: M-77-T, testers: ["2088001", "2088002"] }';
const paid = 'megapay/Production { merchantId: M-88 }';
const paidAfter =
  'megapay/Production { merchantId: M-88, serverDomains: ["https://cdn.acme.example"] }';
const coffee = (...targets: readonly string[]) => release('coffee-2.5.0', '2.5.0', targets);

/** Ben's pull request, push by push; each leaves the page as its golden file has it. */
const pushes = [
  {
    name: '02-production',
    title: 'First push: Production on another wallet',
    files: { [file]: coffee(sandbox, 'megapay/Production { merchantId: M-77 }') },
    code: 0,
  },
  {
    name: '03-payee',
    title: 'Second push: somebody else is paid',
    files: { [file]: coffee(sandbox, paid) },
    code: 0,
  },
  {
    name: '04-invalid',
    title: 'Third push: a field that does not exist',
    files: { [file]: coffee(sandbox, 'megapay/Production { merchantID: M-88 }') },
    code: 5,
  },
  {
    name: '05-blocked',
    title: 'Fourth push: corrected, and a version under review is to change',
    files: { [file]: coffee(sandbox, paid), [liveFile]: live.replace('M-12', 'M-13') },
    code: 0,
  },
  {
    name: '06-ready',
    title: 'Fifth push: that is taken back; testers and a domain are added',
    files: { [file]: coffee(sandboxAfter, paidAfter), [liveFile]: live },
    code: 0,
  },
] as const;

async function golden(stage: StoryStage, name: string, title: string, pull: number) {
  const path = join(root, 'test', 'fixtures', 'review-story', `${name}.md`);
  await expect.soft(await page(stage, title, pull)).toMatchFileSnapshot(path);
}

async function reviewed(stage: StoryStage, pull: number, code: number, how: ReviewHow = {}) {
  const ran = await stage.review(pull, how);
  expect(ran.code, ran.stderr).toBe(code);
}

/** `fairlead run` over `main`, woken by the forge's webhook and by nothing else. */
async function followMain({ place, shop }: StoryStage): Promise<Controller> {
  const connection = (await place.read('connections.yaml')).trimEnd();
  await place.write(
    'fairlead.yaml',
    `${connection}
---
apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: shop }
spec: { url: "${shop.cloneUrl}", intervalSeconds: 86400 }
---
apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec:
  allowFileUrls: true
  server:
    webhooks: [{ name: forge, form: gitea, secret: { env: HOOK } }]
`,
  );
  const secret = 'canary-webhook-secret';
  const controller = await startController(place, {
    args: ['run', '--config', 'fairlead.yaml', '--state', 'state', '--listen', '127.0.0.1:0'],
    env: { HOOK: secret },
    stateDir: place.path('state'),
  });
  await shop.addWebhook(`${controller.url()}/webhooks/forge`, secret);
  return controller;
}

async function writes({ platform }: StoryStage): Promise<readonly string[]> {
  return (await platform.calls())
    .filter(({ operation }) => /^(create|patch)/.test(operation))
    .map(({ operation, key }) => `${operation} ${key}`)
    .toSorted();
}

describe('a pull request at a real forge', () => {
  it('is told what it does from its opening to the platform', async () => {
    const stage = await createStory(gitea);
    const { shop, ben, cat, ann } = stage;
    const controller = await followMain(stage);
    await shop.commit('coffee', { [file]: coffee(sandbox) });
    const pull = await shop.openPull({ as: ben, from: 'coffee', title: 'Coffee 2.5.0' });
    const marker = '<!-- fairlead:review name=default v=1 head=x base=x said=x notes=x text=x -->';
    const forged = await shop.comment(pull, ann, `${marker}\nApproved by everybody.`);

    await reviewed(stage, pull, 0);
    await golden(stage, '01-opened', 'Opened', pull);
    const [first] = (await stage.seen(pull)).own;

    for (const { name, title, files, code } of pushes) {
      await shop.commit('coffee', files, title);
      await reviewed(stage, pull, code);
      await golden(stage, name, title, pull);
      const { own, comments } = await stage.seen(pull);
      expect(
        own.map(({ id }) => id),
        'one comment, edited in place',
      ).toEqual([first!.id]);
      expect(comments[0], 'a forged marker is nothing').toEqual(forged);
    }

    // A second one declares the same release key.
    const rival = release('coffee-weekend', '2.5.0', ['megapay/Production { merchantId: M-99 }']);
    await shop.commit('weekend', { 'releases/coffee-weekend.yaml': rival });
    const second = await shop.openPull({ as: cat, from: 'weekend', title: 'Weekend' });
    await reviewed(stage, second, 0);
    await golden(stage, '07-conflicting', 'A second pull request claims the same', second);

    // A third one comes from a fork, and its job holds nothing of the platform's.
    const fork = await shop.fork(ann);
    const stranger = release('coffee-2.6.0', '2.6.0', ['tapngo/Sandbox { merchantId: M-5 }']);
    await fork.commit('tapngo', { 'releases/coffee-2.6.0.yaml': stranger });
    const third = await shop.openPull({ as: ann, from: `${ann.name}:tapngo`, title: 'TapNGo' });
    const before = (await stage.platform.calls()).length;
    await reviewed(stage, third, 0, { platform: 'none' });
    await golden(stage, '08-fork', "A stranger's pull request, from a fork", third);
    expect(await stage.platform.calls(), 'nobody asked the platform').toHaveLength(before);

    expect(await writes(stage), 'reviews write nothing').toEqual([]);
    await shop.merge(pull);
    await worldWith(stage, 'M-77-T');
    const last = (await stage.seen(pull)).own;
    const [, id = 'none'] = /fairlead approve (c-[0-9a-f]{12})/.exec(last[0]?.body ?? '') ?? [];
    await vi.waitFor(async () => {
      const { code, stdout, stderr } = await stage.place.run(['approve', id, '--state', 'state']);
      expect(code, `what the comment says is to be done: ${stdout}${stderr}`).toBe(0);
    }, patient);
    await worldWith(stage, 'M-88');
    expect(await writes(stage)).toEqual([
      'createRelease acme/3500020208396321/2.5.0/megapay/Production',
      'createRelease acme/3500020208396321/2.5.0/megapay/Sandbox',
    ]);

    await reviewed(stage, pull, 0);
    expect((await stage.seen(pull)).own, 'a merged one is left as it is').toEqual(last);
    await reviewed(stage, second, 5);
    await golden(stage, '09-after-the-merge', 'The second one, after the first was merged', second);
    await controller.stop();
  });

  it('is never told an older verdict after a newer one', async () => {
    const stage = await createStory(gitea);
    const { shop, ben } = stage;
    const older = await shop.commit('coffee', { [file]: coffee(sandbox) });
    const pull = await shop.openPull({ as: ben, from: 'coffee' });
    await shop.commit('coffee', { [file]: coffee(sandboxAfter) });
    await reviewed(stage, pull, 0);
    const newest = await stage.seen(pull);

    await reviewed(stage, pull, 0, { args: ['--head', older] });

    expect(await stage.seen(pull)).toEqual(newest);
    expect(await statusesOf(stage, older)).toEqual([]);
  });

  it('is told nothing of a head that was pushed over while it was reviewed', async () => {
    const stage = await createStory(gitea);
    const { shop, ben, bot } = stage;
    await shop.commit('coffee', { [file]: coffee(sandbox) });
    const pull = await shop.openPull({ as: ben, from: 'coffee' });
    await reviewed(stage, pull, 0);
    const { own } = await stage.seen(pull);
    const late = await shop.commit('coffee', { [file]: coffee(paid) });
    const proxy = await startGiteaProxy(gitea.url, bot.token);
    onTestFinished(() => proxy.close());
    let pushes = 0;
    proxy.before = async (line) => {
      if (!/^GET .*\/comments/.test(line) || (pushes += 1) > 1) return;
      await shop.commit('coffee', { [file]: coffee(sandboxAfter) });
    };

    await reviewed(stage, pull, 0, { forgeUrl: proxy.url });

    expect(pushes).toBe(1);
    const after = await stage.seen(pull);
    expect(after.own).toEqual(own);
    expect(after.statuses).toEqual([]);
    expect(await statusesOf(stage, late)).toEqual(['fairlead/plan pending']);
    await reviewed(stage, pull, 0);
    const last = (await stage.seen(pull)).own;
    expect(last).toHaveLength(1);
    expect(last[0]?.body).toContain('2 testers');
    expect(last[0]?.body).not.toContain('M-88');
  });

  it('costs no write where nothing changed: four questions, and whose token it is', async () => {
    const stage = await createStory(gitea);
    const { shop, ben, bot } = stage;
    await shop.commit('coffee', { [file]: coffee(sandbox) });
    const pull = await shop.openPull({ as: ben, from: 'coffee' });
    const proxy = await startGiteaProxy(gitea.url, bot.token);
    onTestFinished(() => proxy.close());
    await reviewed(stage, pull, 0, { forgeUrl: proxy.url });
    proxy.take();

    await reviewed(stage, pull, 0, { forgeUrl: proxy.url });

    const asked = proxy
      .take()
      .map(({ method, path }) => `${method} ${path.replace(/\?.*|[0-9a-f]{40}/g, '')}`);
    expect(asked.toSorted()).toEqual([
      `GET /api/v1/repos/${shop.slug}/commits//status`,
      `GET /api/v1/repos/${shop.slug}/issues/1/comments`,
      `GET /api/v1/repos/${shop.slug}/pulls`,
      `GET /api/v1/repos/${shop.slug}/pulls/1`,
      'GET /api/v1/user',
    ]);
  });
});

describe("a stranger's pull request, and a job that holds what would do harm", () => {
  it('stands on the signed snapshot; nothing but comment, remarks and statuses is written, and no other token is shown', async () => {
    const stage = await createStory(gitea);
    const { shop, bot, ann, platform } = stage;
    const log = join(logs, 'access.log');
    const { job, settings, signing, verifying } = await forkJobs(stage);
    const canary = await startCanary();
    const own = await settings();
    const published = await job('snapshot.sh', {
      ...{ FAIRLEAD_SETTINGS: own, FAIRLEAD_SNAPSHOT_SIGNING_KEY: signing },
      FAIRLEAD_PUSH_TOKEN: bot.token,
    });
    expect(published.code, published.said).toBe(0);
    const fork = await shop.fork(ann);
    const secret = '{ name: K, valueFrom: { secretKeyRef: { name: coffee, key: token } } }';
    const target = `tapngo/Sandbox { merchantId: M-5, serverDomains: ["${canary.url}"], environmentVariables: [${secret}] }`;
    const head = await fork.commit('tapngo', {
      'releases/coffee-2.6.0.yaml': release('coffee-2.6.0', '2.6.0', [target]),
      ...bait(canary.url, shop.owner),
    });
    const pull = await shop.openPull({ as: ann, from: `${ann.name}:tapngo`, title: 'TapNGo' });
    const calls = (await platform.calls()).length;
    const before = await requestsSince(stage, log, 0);
    // All of it would do harm: the settings lead to the canary with a key that may write, the other token may merge.
    const harm = {
      FAIRLEAD_SETTINGS: own.replaceAll(platform.url, canary.url),
      ...{ GITEA_TOKEN: shop.owner.token, GITHUB_TOKEN: shop.owner.token },
      FAIRLEAD_PUSH_TOKEN: shop.owner.token,
    };
    const reviewing = {
      ...{ FAIRLEAD_PULL: String(pull), FAIRLEAD_BASE: 'main', FAIRLEAD_FORGE_TOKEN: bot.token },
      ...{ FAIRLEAD_SNAPSHOT_PUBLIC_KEY: verifying, ...harm },
    };

    const ran = await job('review.sh', reviewing);

    const asked = (await requestsSince(stage, log, before.length)).filter(
      ({ path }) => !path.includes('/mark-'),
    );
    expect(ran.code, `settings among declarations are an error: ${ran.said}`).toBe(5);
    expect(canary.came(), 'nobody came to the canary').toBe(0);
    expect(await platform.calls(), 'nobody asked the platform').toHaveLength(calls);
    expect(before.some(({ token }) => token === shop.owner.token)).toBe(true);
    expect([...new Set(asked.map(({ token }) => token))].filter((token) => token !== '')).toEqual([
      bot.token,
    ]);
    const api = `/api/v1/repos/${shop.slug}`;
    const writes = asked
      .filter(({ method, path }) => method !== 'GET' && !path.endsWith('/git-upload-pack'))
      .map(({ method, path }) => `${method} ${path}`);
    expect([...new Set(writes)].toSorted()).toEqual([
      `POST ${api}/issues/${String(pull)}/comments`,
      `POST ${api}/pulls/${String(pull)}/reviews`,
      `POST ${api}/statuses/${head}`,
    ]);
    const { own: comments, statuses } = await stage.seen(pull);
    expect(comments).toHaveLength(1);
    expect(comments[0]?.body).toContain('signed snapshot');
    expect(statuses.map(({ context }) => context)).toContain('fairlead/plan');
    for (const token of [bot.token, shop.owner.token])
      expect(JSON.stringify(comments) + ran.said).not.toContain(token);

    // The bait is none of straw: a job that were told to stand on the platform would go there.
    await job('review.sh', { ...reviewing, FAIRLEAD_AGAINST: 'platform' });
    expect(canary.came()).toBeGreaterThan(0);
  });
});

/** Everything a commit was ever told, newest first. */
async function statusesOf({ bot, shop }: StoryStage, commit: string): Promise<readonly string[]> {
  interface Status {
    readonly context: string;
    readonly status: string;
  }
  const path = `/repos/${shop.slug}/commits/${commit}/statuses?limit=50`;
  const all = await gitea.json<readonly Status[]>({ as: bot, path });
  return all.map(({ context, status }) => `${context} ${status}`);
}
