import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { built } from '../support/built.ts';
import { createPlace, type EmulatorProcess, type Place, type Ran } from '../support/cli.ts';
import type { Gitea, GiteaUser } from '../support/gitea.ts';
import type { GiteaComment, GiteaRepository } from '../support/gitea-repository.ts';

const exec = promisify(execFile);

/** Two wallets in Production, one of them with a version under review, and a third one. */
const world = `
apps:
  - { id: megapay, name: MegaPay, environments: [Production, Sandbox], pilotTesting: true }
  - { id: rapipay, name: RapiPay, environments: [Production] }
  - { id: tapngo, name: TapNGo, environments: [Production, Sandbox] }
workspaces:
  - id: acme
    admins: [fairlead-ci]
    miniPrograms:
      - id: "3500020208396321"
        name: Coffee
        domainsGranted: true
        versions: [2.4.0, 2.5.0, 2.6.0]
        releases:
          - { version: 2.4.0, app: megapay, environment: Production, status: FullRelease, config: { merchantId: M-77 } }
          - { version: 2.4.0, app: rapipay, environment: Production, status: UnderReview, config: { merchantId: M-12 } }
`;

const header = 'apiVersion: fairlead.dev/v1alpha1\n';

export const coffee = `${header}kind: MiniProgram
metadata: { name: coffee }
spec:
  workspace: acme
  id: "3500020208396321"
`;

/** A document that lists targets, each `app/Environment { config }`. */
export function release(name: string, version: string, targets: readonly string[]): string {
  const lines = targets.map((target) => {
    const [, app = '', environment = '', config = ''] = /^(\w+)\/(\w+) (.*)$/.exec(target) ?? [];
    return `    - app: ${app}\n      environment: ${environment}\n      config: ${config}\n`;
  });
  return `${header}kind: MiniProgramRelease
metadata: { name: ${name} }
spec:
  miniProgram: coffee
  version: ${version}
  targets:
${lines.join('')}`;
}

export const live = release('coffee-2.4.0', '2.4.0', [
  'megapay/Production { merchantId: M-77 }',
  'rapipay/Production { merchantId: M-12 }',
]);

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
  const rows = statuses.map(
    ({ context, status, description }) => `| \`${context}\` | ${status} | ${description} |`,
  );
  return plain(
    [
      `# ${title}`,
      ['| status |  | |', '|---|---|---|', ...rows].join('\n'),
      ...own.map(({ body }) => body),
      '',
    ].join('\n\n'),
    stage,
  );
}

function plain(text: string, { gitea, platform, shop }: StoryStage): string {
  const commits = new Map<string, string>();
  return text
    .replaceAll(gitea.url, 'https://git.example.com')
    .replaceAll(shop.slug, 'acme/shop')
    .replaceAll(new URL(platform.url).host, 'platform.example.com')
    .replaceAll(/\b(said|notes|text)=[\w-]+/g, '$1=DIGEST')
    .replaceAll(/\bc-[0-9a-f]{12}\b/g, 'c-0123456789ab')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, '2026-03-01 10:12 UTC')
    .replaceAll(/\b([0-9a-f]{40}|[0-9a-f]{7})\b/g, (hash) => {
      const short = hash.slice(0, 7);
      const known = commits.get(short) ?? `${String(commits.size + 1)}abcdef`;
      commits.set(short, known);
      return hash.length === 7 ? known : known.padEnd(40, '0');
    })
    .replaceAll(/\b(fairlead-bot|ben|cat|ann|acme)\d+\b/g, '$1');
}
