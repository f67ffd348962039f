import { join } from 'node:path';

import { createStage, type StagedPlan } from '../example-plan.ts';
import { root } from '../files.ts';

/** What must be nowhere in any output. */
export const pictureSecret = 'sk-canary-of-the-picture/7+=';

/**
 * The plan of the picture: 2.5.0 goes to Production while 2.4.0 is live there, a tester group grows, one release is under
 * review, and somebody has changed a value by hand.
 */
export async function picturePlan(): Promise<StagedPlan> {
  const stage = await createStage({
    directory: join(root, 'tools/picture'),
    worldFile: 'world.yaml',
    connection: 'megapay',
    secrets: [{ name: 'coffee-keys', keys: { apiKey: { env: 'COFFEE_API_KEY' } } }],
    env: { COFFEE_API_KEY: pictureSecret },
  });
  await stage.apply('before');
  stage.host.console(
    {
      action: 'editReleaseConfig',
      ...{ workspace: 'acme', miniProgram: '3500020208396321', version: '2.5.0' },
      ...{ app: 'tapngo', environment: 'Sandbox' },
      patch: { merchantId: 'M-13-T' },
    },
    stage.now,
  );
  return stage.plan('after');
}
