import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { coffee } from '../support/cli-world.ts';
import {
  callWebhook,
  type Controller,
  createStage,
  patient,
  sourceWhen,
  type Stage,
  usualSettings,
  worldWith,
} from '../support/controller.ts';
import { startGitea } from '../support/gitea.ts';
import { watchedPull } from './review-controller-gitea.ts';
import { startGithub, type GithubShape } from '../support/forge-shapes/github-shape.ts';

const hookSecret = 'canary-pull-secret';
const env = { FORGE_TOKEN: 'token-of-ours', PULL_HOOK: hookSecret };
const edited = coffee.replaceAll('M-77', 'M-88');

interface Scene {
  readonly github: GithubShape;
  readonly stage: Stage;
  /** Commits on a branch, and makes that the head of the pull request. @returns the commit */
  readonly push: (number: number, files: Readonly<Record<string, string>>) => Promise<string>;
  /** What GitHub does when a pull request was opened, pushed to or closed. */
  readonly hook: (controller: Controller) => Promise<number>;
  readonly comments: () => readonly string[];
}

/** Settings whose forge is asked so rarely that only a hook makes it look again. */
function settings(stage: Pick<Stage, 'git'>, github: GithubShape): string {
  const review = `  review: { forge: github, url: "${github.url}", repository: acme/wallets, token: { env: FORGE_TOKEN }, intervalSeconds: 86400 }`;
  return usualSettings(stage.git)
    .replace('  credentials:', `${review}\n  credentials:`)
    .replace(
      'webhooks: [',
      'webhooks: [{ name: pulls, form: github, secret: { env: PULL_HOOK } }, ',
    );
}

async function scene(): Promise<Scene> {
  const github = await startGithub();
  onTestFinished(() => github.close());
  const stage = await createStage();
  await stage.configure(settings(stage, github));
  await stage.team.commit({ 'coffee.yaml': coffee });
  let deliveries = 0;
  return {
    ...{ github, stage },
    push: async (number, files) => {
      const { team, place } = stage;
      team.git('checkout', '-q', '-B', `pull-${String(number)}`);
      await team.stage(files);
      team.git('commit', '-q', '--allow-empty', '-m', 'Pay to M-88');
      const head = team.git('rev-parse', 'HEAD');
      team.git('push', '-q', '--force', 'origin', `HEAD:refs/pull/${String(number)}/head`);
      team.git('checkout', '-q', 'main');
      const bare = place.path('git/team.git');
      execFileSync('git', ['-C', bare, 'rev-parse', `refs/pull/${String(number)}/head`]);
      const pull = github.state.pulls.find((one) => one.number === number);
      if (pull) pull.head = head;
      return head;
    },
    hook: async (controller) => {
      const body = JSON.stringify({ action: 'synchronize', delivery: (deliveries += 1) });
      const signature = createHmac('sha256', hookSecret).update(body).digest('hex');
      const response = await fetch(`${controller.url()}/webhooks/pulls`, {
        method: 'POST',
        body,
        headers: {
          'X-Hub-Signature-256': `sha256=${signature}`,
          'X-GitHub-Event': 'pull_request',
          'X-GitHub-Delivery': `p-${String(deliveries)}`,
        },
      });
      await response.text();
      return response.status;
    },
    comments: () => github.state.comments.map(({ body }) => body),
  };
}

function planStatus({ github }: Scene, commit: string): string | undefined {
  return github.state.statuses
    .filter((status) => status.commit === commit && status.context === 'fairlead/plan')
    .at(-1)?.state;
}

/** Until the one comment speaks of this commit. */
async function commented(on: Scene, commit: string): Promise<string> {
  return vi.waitFor(
    () => {
      expect(on.comments()).toHaveLength(1);
      expect(on.comments()[0]).toContain(commit.slice(0, 7));
      return on.comments()[0]!;
    },
    { ...patient, timeout: 90_000 },
  );
}

describe('a controller that reviews pull requests', () => {
  it('comments once, edits it after a hook, forgets what is closed, and applies what is merged', async () => {
    const on = await scene();
    const { stage, github } = on;
    const pull = github.state.openPull({});
    const first = await on.push(pull.number, { 'coffee.yaml': edited });

    const controller = await stage.controller({ env });
    const comment = await commented(on, first);
    await worldWith(stage, 'M-77-T');
    const before = await stage.writes();
    const second = await on.push(pull.number, { 'coffee.yaml': edited, 'note.txt': 'x' });
    const answered = await on.hook(controller);
    await commented(on, second);
    const open = await sourceWhen(controller, ({ reviews }) => reviews?.waiting === 0);
    const told = await stage.tell('status');

    expect(comment).toContain('M-88');
    expect(answered).toBe(202);
    await vi.waitFor(() => {
      expect(planStatus(on, second)).toBe('success');
    }, patient);
    expect(open.reviews).toMatchObject({ open: 1, waiting: 0 });
    expect(told.stdout).toContain('reviews: 1 open');
    expect(await stage.writes(), 'a review writes nothing on the platform').toEqual(before);
    expect(await stage.platform.world()).not.toContain('M-88');

    pull.state = 'merged';
    await stage.team.commit({ 'coffee.yaml': edited });
    await callWebhook(controller.url());
    await sourceWhen(controller, ({ reviews }) => reviews?.open === 0);
    await worldWith(stage, 'M-88-T');

    expect(on.comments()).toHaveLength(1);
    expect(github.faults).toEqual([]);
    await controller.stop();
  });

  it('says why there is no verdict, and goes on keeping the platform', async () => {
    const on = await scene();
    const { stage, github } = on;
    github.tokens.clear();
    github.state.openPull({});

    const controller = await stage.controller({ env });
    const failing = await sourceWhen(controller, ({ reviews }) => reviews?.trouble !== undefined);
    await worldWith(stage, 'M-77-T');

    expect(failing.reviews?.trouble?.code).toBe('ForgeRefused');
    expect(failing.state).toBe('Ready');
    expect(controller.said()).not.toContain('token-of-ours');
    expect(on.comments()).toEqual([]);
    await controller.stop();
  });

  it('keeps what strangers push apart from what it acts on, and none of it as files', async () => {
    const on = await scene();
    const { stage, github } = on;
    const pull = github.state.openPull({ isFork: true });
    const head = await on.push(pull.number, {
      'coffee.yaml': edited,
      'fairlead.yaml': 'apiVersion: fairlead.dev/v1alpha1\nkind: Settings\n',
    });

    const controller = await stage.controller({ env });
    await commented(on, head);
    await controller.stop();

    const [mirror = ''] = await readdir(stage.place.path('state/git'));
    const [pulls = ''] = await readdir(stage.place.path('state/pulls'));
    const holds = (folder: string): boolean => {
      try {
        execFileSync('git', ['--git-dir', folder, 'cat-file', '-e', head], { stdio: 'ignore' });
        return true;
      } catch {
        return false;
      }
    };
    expect(holds(stage.place.path(`state/pulls/${pulls}`))).toBe(true);
    expect(holds(stage.place.path(`state/git/${mirror}`))).toBe(false);
    expect(await readdir(stage.place.path(`state/pulls/${pulls}`))).not.toContain('fairlead.yaml');
  });
});

describe('a controller that reviews pull requests at a real Gitea', () => {
  it('writes one comment however many pushes come, woken by a hook or looking by itself', async () => {
    const gitea = await startGitea();
    onTestFinished(() => gitea.stop());

    await Promise.all(
      (['webhook', 'polling'] as const).map(async (how) => {
        const { stage, controller, pull, head, push, told } = await watchedPull(gitea, how);
        const first = await told(head);
        let last = '';
        for (const merchant of ['M-81', 'M-82', 'M-83', 'M-84', 'M-85'])
          last = await push(merchant);
        const comment = await told(last);
        const { own, statuses } = await stage.seen(pull);
        const listed = await sourceWhen(controller, ({ reviews }) => reviews?.waiting === 0);

        expect(comment.id, `${how}: edited in place`).toBe(first.id);
        expect(own).toHaveLength(1);
        expect(comment.body).toContain('M-85');
        expect(comment.body).not.toContain('M-84');
        expect(statuses.map(({ context, status }) => `${context} ${status}`)).toEqual([
          'fairlead/plan success',
          'fairlead/production success',
        ]);
        expect(listed.reviews).toMatchObject({ open: 1, waiting: 0 });
        expect(await stage.platform.calls()).not.toContainEqual(
          expect.objectContaining({
            operation: expect.stringMatching(/^(create|patch)/) as unknown,
          }),
        );

        await stage.shop.close(pull);
        await sourceWhen(controller, ({ reviews }) => reviews?.open === 0);
        await controller.stop();
      }),
    );
  });
});
