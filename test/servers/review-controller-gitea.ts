import { expect, vi } from 'vitest';

import { type Controller, patient, startController } from '../support/controller.ts';
import type { Gitea } from '../support/gitea.ts';
import type { GiteaComment } from '../support/gitea-repository.ts';
import { createStory, type StoryStage } from './review-story-stage.ts';
import { release } from './review-story-world.ts';

const file = 'releases/coffee-2.5.0.yaml';
const secret = 'canary-webhook-secret';

/** What a push brings: somebody else is paid each time. */
const paying = (merchant: string) =>
  release('coffee-2.5.0', '2.5.0', [`megapay/Production { merchantId: ${merchant} }`]);

/** Settings under which one source is followed and its pull requests are reviewed. */
async function settings({ place, shop, gitea }: StoryStage, lookSeconds: number): Promise<string> {
  return `${(await place.read('connections.yaml')).trimEnd()}
---
apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: shop }
spec:
  url: "${shop.cloneUrl}"
  intervalSeconds: 86400
  review:
    { forge: gitea, url: "${gitea.url}", repository: ${shop.slug}, token: { env: FORGE_TOKEN }, intervalSeconds: ${String(lookSeconds)} }
---
apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec:
  allowFileUrls: true
  server:
    webhooks: [{ name: forge, form: gitea, secret: { env: HOOK } }]
`;
}

interface Watched {
  readonly stage: StoryStage;
  readonly controller: Controller;
  readonly pull: number;
  /** With which it was opened. */
  readonly head: string;
  readonly push: (merchant: string) => Promise<string>;
  /** The one comment, once it speaks of this commit and the commit has its verdict. */
  readonly told: (commit: string) => Promise<GiteaComment>;
}

/** A controller that reviews one pull request at a Gitea: woken by its hooks, or looking by itself. */
export async function watchedPull(gitea: Gitea, how: 'webhook' | 'polling'): Promise<Watched> {
  const stage = await createStory(gitea);
  const { place, shop, bot, ben } = stage;
  await place.write('fairlead.yaml', await settings(stage, how === 'webhook' ? 86_400 : 10));
  const push = (merchant: string) => shop.commit('coffee', { [file]: paying(merchant) });
  const head = await push('M-80');
  const pull = await shop.openPull({ as: ben, from: 'coffee', title: 'Coffee 2.5.0' });
  const controller = await startController(place, {
    args: ['run', '--config', 'fairlead.yaml', '--state', 'state', '--listen', '127.0.0.1:0'],
    env: { HOOK: secret, FORGE_TOKEN: bot.token },
    stateDir: place.path('state'),
  });
  if (how === 'webhook') await shop.addWebhook(`${controller.url()}/webhooks/forge`, secret);
  return {
    ...{ stage, controller, pull, head, push },
    told: (commit) => told(stage, pull, commit),
  };
}

function told(stage: StoryStage, pull: number, commit: string): Promise<GiteaComment> {
  return vi.waitFor(
    async () => {
      const { own, statuses } = await stage.seen(pull);
      expect(own, 'one comment').toHaveLength(1);
      expect(own[0]?.body).toContain(`head=${commit}`);
      const plan = statuses.find(({ context }) => context === 'fairlead/plan');
      expect(['success', 'failure']).toContain(plan?.status);
      return own[0]!;
    },
    { ...patient, timeout: 150_000 },
  );
}
