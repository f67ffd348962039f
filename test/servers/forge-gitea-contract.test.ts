import { afterAll, beforeAll } from 'vitest';

import { forgeContract } from '../contract/forge-suite.ts';
import { type Gitea, startGitea } from '../support/gitea.ts';
import { type Described, describedBy } from './gitea-described.ts';
import { type GiteaPeople, giteaStage } from './gitea-stage.ts';

let gitea: Gitea;
let people: GiteaPeople;
let described: Described;

beforeAll(async () => {
  gitea = await startGitea();
  people = {
    owner: await gitea.createUser('acme'),
    bot: await gitea.createUser('fairlead-bot'),
    stranger: await gitea.createUser('stranger'),
  };
  described = await describedBy(gitea);
});

afterAll(() => gitea.stop());

forgeContract('Gitea', () => giteaStage(gitea, people, described));
