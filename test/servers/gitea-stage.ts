import type { ForgeStage } from '../contract/forge-stage.ts';
import { settingsFor } from '../contract/forge-stage.ts';
import type { Gitea, GiteaUser } from '../support/gitea.ts';
import type { GiteaRepository } from '../support/gitea-repository.ts';
import { startGiteaProxy } from './gitea-proxy.ts';
import { type Described, faultsOf } from './gitea-described.ts';

export interface GiteaPeople {
  readonly owner: GiteaUser;
  readonly bot: GiteaUser;
  readonly stranger: GiteaUser;
}

interface OpenedPull {
  readonly repository: GiteaRepository;
  readonly branch: string;
}

let names = 0;

/** A fresh repository of a real Gitea as a stage of the contract. */
export async function giteaStage(
  gitea: Gitea,
  people: GiteaPeople,
  described: Described,
): Promise<ForgeStage> {
  const { owner, bot, stranger } = people;
  const repository = await gitea.createRepository(owner, `stage-${String((names += 1))}`);
  const { slug } = repository;
  const api = `/repos/${slug}`;
  await repository.addMember(bot, 'write');
  // Who opens one from a branch of the repository itself may write there.
  await repository.addMember(stranger, 'write');
  await repository.commit('main', { 'a.txt': 'one\n' });
  const proxy = await startGiteaProxy(gitea.url, bot.token);
  const pulls = new Map<number, OpenedPull>();
  let fork: GiteaRepository | undefined;
  let commits = 0;

  const change = ({ repository: at, branch }: OpenedPull): Promise<string> =>
    at.commit(branch, { [`${branch}.txt`]: `${String((commits += 1))}\n` });
  const headOf = async (number: number): Promise<string> => {
    interface Pull {
      readonly head: { readonly sha: string };
    }
    return (await gitea.json<Pull>({ as: owner, path: `${api}/pulls/${String(number)}` })).head.sha;
  };
  const settled = async (number: number, head: string): Promise<void> => {
    const deadline = performance.now() + 60_000;
    while ((await headOf(number)) !== head) {
      if (performance.now() > deadline) throw new Error(`pull request ${number} has another head`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const known = (number: number): OpenedPull => {
    const pull = pulls.get(number);
    if (pull === undefined) throw new Error(`no pull request ${number}`);
    return pull;
  };

  return {
    settings: settingsFor('gitea', proxy.url, slug),
    stranger: stranger.name,
    async openPull({ title = 'A change', base = 'main', isFork = false } = {}) {
      if (base !== 'main') await repository.commit(base, {});
      if (isFork) fork ??= await repository.fork(stranger);
      const from = { repository: (isFork ? fork : undefined) ?? repository, branch: '' };
      const pull = { ...from, branch: `topic-${String((names += 1))}` };
      const head = await change(pull);
      const name = isFork ? `${stranger.name}:${pull.branch}` : pull.branch;
      const number = await repository.openPull({ as: stranger, from: name, to: base, title });
      pulls.set(number, pull);
      return { number, head };
    },
    async push(number) {
      const head = await change(known(number));
      await settled(number, head);
      return head;
    },
    async end(number, how) {
      await (how === 'merged' ? repository.merge(number) : repository.close(number));
    },
    async makePrivate() {
      await gitea.json({ as: owner, method: 'PATCH', path: api, body: { private: true } });
    },
    async commentAs(who, pull, body) {
      const { id } = await repository.comment(pull, who === 'ours' ? bot : stranger, body);
      return String(id);
    },
    async deleteComment(id) {
      await gitea.json({ as: owner, method: 'DELETE', path: `${api}/issues/comments/${id}` });
    },
    async comments(pull) {
      return (await repository.comments(pull)).map(({ id, body, user }) => ({
        id: String(id),
        author: user.id === bot.id ? 'ours' : 'stranger',
        body,
      }));
    },
    async statusOfOthers(commit, context) {
      const body = { context, state: 'success', description: 'done' };
      await gitea.json({ as: owner, path: `${api}/statuses/${commit}`, body });
    },
    async statusCount(commit, context) {
      const path = `${api}/commits/${commit}/statuses?limit=50`;
      const all = await gitea.json<readonly { readonly context: string }[]>({ as: owner, path });
      return all.filter((status) => status.context === context).length;
    },
    capPages: async (most) => {
      proxy.capPages(most);
    },
    trouble: (trouble) => {
      proxy.trouble(trouble);
    },
    take: () => proxy.take(),
    faults: () => proxy.heard.flatMap((heard) => faultsOf(described, heard)),
    close: () => proxy.close(),
  };
}
