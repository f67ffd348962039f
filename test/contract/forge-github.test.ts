import { startGithub } from '../support/forge-shapes/github-shape.ts';
import { shapeStage } from './forge-shape-stage.ts';
import { settingsFor } from './forge-stage.ts';
import { forgeContract } from './forge-suite.ts';

forgeContract('GitHub', async () => {
  const shape = await startGithub();
  return shapeStage(shape, {
    settings: settingsFor('github', shape.url, 'acme/wallets'),
    stranger: 'octo-stranger',
  });
});
