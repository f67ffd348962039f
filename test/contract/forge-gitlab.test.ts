import { startGitlab } from '../support/forge-shapes/gitlab-shape.ts';
import { shapeStage } from './forge-shape-stage.ts';
import { settingsFor } from './forge-stage.ts';
import { forgeContract } from './forge-suite.ts';

forgeContract('GitLab', async () => {
  const shape = await startGitlab();
  return shapeStage(shape, {
    settings: settingsFor('gitlab', `${shape.url}/gitlab`, 'acme/shops/wallets'),
    stranger: 'lab-stranger',
  });
});
