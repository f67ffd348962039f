import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { coffee, live, release, world } from '../../test/servers/review-story-world.ts';
import type { Gitea, GiteaUser } from '../../test/support/gitea.ts';
import type { GiteaRepository } from '../../test/support/gitea-repository.ts';

const run = promisify(execFile);

/** A pull request that the built program reviews, as a CI would. */
export interface ReviewedPull {
  readonly number: number;
  /** Pushes these files to its branch and reviews it. @returns number of the comment */
  push(files: Readonly<Record<string, string>>): Promise<number>;
  close(): void;
}

interface Place {
  readonly gitea: Gitea;
  /** The built program. */
  readonly cli: string;
  /** Empty, and ours. */
  readonly folder: string;
}

export const changed = {
  file: 'releases/coffee-2.5.0.yaml',
  liveFile: 'releases/coffee-2.4.0.yaml',
  live,
  coffee: (...targets: readonly string[]) => release('coffee-2.5.0', '2.5.0', targets),
} as const;

export async function openReviewedPull(place: Place): Promise<ReviewedPull> {
  const { gitea, cli, folder } = place;
  const [acme, ben, bot] = await createPeople(gitea);
  const shop = await gitea.createRepository(acme, 'wallets');
  for (const member of [ben, bot]) await shop.addMember(member, 'write');
  await shop.commit('main', { 'programs/coffee.yaml': coffee, 'releases/coffee-2.4.0.yaml': live });
  // As the guide says: nothing is merged without a verdict.
  const protection = { enable_status_check: true, status_check_contexts: ['fairlead/plan'] };
  await gitea.json({
    as: acme,
    path: `/repos/${shop.slug}/branch_protections`,
    body: { rule_name: 'main', ...protection },
  });
  const emulator = await startEmulator(cli, folder);
  const first = changed.coffee('megapay/Sandbox { merchantId: M-77-T }');
  await shop.commit('coffee-2.5.0', { [changed.file]: first });
  const number = await shop.openPull({ as: ben, from: 'coffee-2.5.0', title: 'Coffee 2.5.0' });
  let jobs = 0;
  return {
    number,
    async push(files) {
      await shop.commit('coffee-2.5.0', files);
      await review(place, { shop, bot, number }, join(folder, `job-${String((jobs += 1))}`));
      const own = (await shop.comments(number)).find(({ user }) => user.id === bot.id);
      if (own === undefined) throw new Error('the review left no comment');
      return own.id;
    },
    close: () => emulator.kill(),
  };
}

async function createPeople(gitea: Gitea): Promise<readonly [GiteaUser, GiteaUser, GiteaUser]> {
  return [
    await gitea.createUser('acme'),
    await gitea.createUser('ben'),
    await gitea.createUser('fairlead-bot'),
  ];
}

async function startEmulator(cli: string, folder: string): Promise<ChildProcess> {
  await writeFile(join(folder, 'world.yaml'), world);
  const args = ['emulator', '--world', 'world.yaml', '--connection-out', 'connections.yaml'];
  const child = spawn(process.execPath, [cli, ...args], { cwd: folder });
  await new Promise<void>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      if (chunk.includes('Ctrl-C')) resolve();
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('close', () => {
      reject(new Error('the emulator ended'));
    });
  });
  return child;
}

interface Reviewed {
  readonly shop: GiteaRepository;
  readonly bot: GiteaUser;
  readonly number: number;
}

async function review(
  { gitea, cli, folder }: Place,
  { shop, bot, number }: Reviewed,
  checkout: string,
): Promise<void> {
  await run('git', ['clone', '-q', shop.cloneUrl, checkout]);
  const args = [
    ...['review', '--forge', 'gitea', '--forge-url', gitea.url, '--repo', shop.slug],
    ...['--pull', String(number), '--connections', join(folder, 'connections.yaml')],
  ];
  const env = { ...process.env, FAIRLEAD_FORGE_TOKEN: bot.token };
  // 5: the declarations have errors, which is what one of the pictures is of.
  await run(process.execPath, [cli, ...args], { cwd: checkout, env }).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 5)) throw error;
  });
}
