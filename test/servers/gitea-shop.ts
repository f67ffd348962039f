import type { Gitea, GiteaUser } from '../support/gitea.ts';
import type { GiteaRepository } from '../support/gitea-repository.ts';

export const { signal } = new AbortController();

export interface Team {
  readonly gitea: Gitea;
  readonly acme: GiteaUser;
  readonly ann: GiteaUser;
  readonly bot: GiteaUser;
}

export async function createTeam(gitea: Gitea): Promise<Team> {
  return {
    gitea,
    acme: await gitea.createUser('acme'),
    ann: await gitea.createUser('ann'),
    bot: await gitea.createUser('fairlead-bot'),
  };
}

export interface Shop {
  readonly shop: GiteaRepository;
  readonly pull: number;
}

let names = 0;

/** A repository of acme's in which the bot may write, with `main` and one pull request from `topic`. */
export async function openShop({ gitea, acme, bot }: Team, isPrivate = false): Promise<Shop> {
  const made = await gitea.createRepository(acme, `shop-${String((names += 1))}`, { isPrivate });
  await made.addMember(bot, 'write');
  await made.commit('main', { 'a.yaml': lines(40), 'dir é/b "q".yaml': lines(3) });
  await made.commit('topic', { 'a.yaml': `first\n${lines(40)}`, 'dir é/b "q".yaml': lines(4) });
  return { shop: made, pull: await made.openPull({ as: acme, from: 'topic', title: 'Coffee' }) };
}

export function lines(count: number): string {
  return Array.from({ length: count }, (_, i) => `line ${String(i + 1)}\n`).join('');
}
