import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { built } from '../support/built.ts';
import { createPlace, type EmulatorProcess, type Place, type Ran } from '../support/cli.ts';
import type { Gitea, GiteaUser } from '../support/gitea.ts';
import type { GiteaComment, GiteaRepository } from '../support/gitea-repository.ts';
import { pageText, plainPage } from '../support/review-page.ts';
import { coffee, live, world } from './review-story-world.ts';

const exec = promisify(execFile);

export interface StoryStage {
  readonly gitea: Gitea;
  readonly place: Place;
  readonly platform: EmulatorProcess;
  readonly shop: GiteaRepository;
  readonly bot: GiteaUser;
  readonly ben: GiteaUser;
  readonly cat: GiteaUser;
  /** A stranger: she may open pull requests from a fork. */
  readonly ann: GiteaUser;
  /** Reviews a pull request as a fresh job of a CI would. */
  readonly review: (pull: number, how?: ReviewHow) => Promise<Ran>;
  /** What everybody sees at the pull request now. */
  readonly seen: (pull: number) => Promise<Seen>;
}

export interface ReviewHow {
  readonly args?: readonly string[];
  readonly forgeUrl?: string;
  /** What the platform is read with; `none`: the job holds nothing. */
  readonly platform?: 'connection' | 'none';
  readonly env?: Readonly<Record<string, string>>;
  /** Called when the checkout is there. */
  readonly before?: () => Promise<void>;
}

export interface Seen {
  readonly comments: readonly GiteaComment[];
  /** Those that the bot wrote. */
  readonly own: readonly GiteaComment[];
  readonly statuses: readonly Status[];
}

interface Status {
  readonly context: string;
  readonly status: string;
  readonly description: string;
}

let stages = 0;

/** A repository with `main` at a Gitea, and a platform; removed with every process when the test ends. */
export async function createStory(gitea: Gitea): Promise<StoryStage> {
  const number = String((stages += 1));
  const [acme, bot, ben, cat, ann] = await Promise.all(
    ['acme', 'fairlead-bot', 'ben', 'cat', 'ann'].map((name) =>
      gitea.createUser(`${name}${number}`),
    ),
  );
  const shop = await gitea.createRepository(acme!, 'shop');
  for (const member of [bot!, ben!, cat!]) await shop.addMember(member, 'write');
  await shop.commit('main', { 'programs/coffee.yaml': coffee, 'releases/coffee-2.4.0.yaml': live });
  const place = await createPlace();
  const platform = await place.emulator(world, ['--data', place.path('platform')]);
  let jobs = 0;
  return {
    ...{ gitea, place, platform, shop, bot: bot!, ben: ben!, cat: cat!, ann: ann! },
    async review(pull, how = {}) {
      const checkout = place.path(`job-${String((jobs += 1))}`);
      await exec('git', ['clone', '-q', shop.cloneUrl, checkout], { env: place.env });
      await how.before?.();
      const connections = ['--connections', place.path('connections.yaml')];
      return place.run(
        [
          ...['review', '--forge', 'gitea', '--forge-url', how.forgeUrl ?? gitea.url],
          ...['--repo', shop.slug, '--pull', String(pull)],
          ...(how.platform === 'none' ? [] : connections),
          ...(how.args ?? []),
        ],
        {
          program: [
            '/bin/sh',
            '-c',
            'cd "$0" && exec "$@"',
            checkout,
            process.execPath,
            built().cli,
          ],
          env: { FAIRLEAD_FORGE_TOKEN: bot!.token, ...how.env },
        },
      );
    },
    seen: (pull) => seenAt(gitea, shop, bot!, pull),
  };
}

async function seenAt(
  gitea: Gitea,
  shop: GiteaRepository,
  bot: GiteaUser,
  pull: number,
): Promise<Seen> {
  interface Pull {
    readonly head: { readonly sha: string };
  }
  const api = `/repos/${shop.slug}`;
  const { head } = await gitea.json<Pull>({ as: bot, path: `${api}/pulls/${String(pull)}` });
  const combined = await gitea.json<{ readonly statuses: readonly Status[] | null }>({
    as: bot,
    path: `${api}/commits/${head.sha}/status?limit=50`,
  });
  const comments = await shop.comments(pull);
  return {
    comments,
    own: comments.filter(({ user }) => user.id === bot.id),
    statuses: (combined.statuses ?? []).toSorted((a, b) => (a.context < b.context ? -1 : 1)),
  };
}

/** What is read at a step, without what is another each time: hashes, times, addresses. */
export async function page(stage: StoryStage, title: string, pull: number): Promise<string> {
  const { own, statuses } = await stage.seen(pull);
  const rows = statuses.map(({ status, ...rest }) => ({ ...rest, state: status }));
  const text = pageText(
    title,
    rows,
    own.map(({ body }) => body),
  );
  const { gitea, platform, shop } = stage;
  return plainPage(text, {
    [gitea.url]: 'https://git.example.com',
    [shop.slug]: 'acme/shop',
    [new URL(platform.url).host]: 'platform.example.com',
  }).replaceAll(/\b(fairlead-bot|ben|cat|ann|acme)\d+\b/g, '$1');
}
