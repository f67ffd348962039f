import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import {
  createStage,
  programWhen,
  usualSettings,
  worldWith,
  type Stage,
} from '../../support/controller.ts';
import { fixtureFolder } from '../../support/sops-fixtures.ts';

const declaration = `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: coffee }
spec: { workspace: acme, id: "3500020208396321" }
---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: coffee-2.4.0 }
spec:
  miniProgram: coffee
  version: 2.4.0
  targets:
    - app: megapay
      environment: Sandbox
      config:
        environmentVariables:
          - { name: SEALED, valueFrom: { secretKeyRef: { name: coffee-keys, key: sealed } } }
          - { name: TOKEN, valueFrom: { secretKeyRef: { name: coffee-keys, key: token } } }
`;

/** Secrets are read every second; nothing is swept, and Git is looked at often. */
const secrets = `  ageIdentities: [{ file: age.key }]
  secrets:
    - name: coffee-keys
      for: [team]
      keys:
        sealed: { encrypted: { file: secrets/keys.enc.yaml, key: apiKey } }
        token: { file: token.txt }
`;

async function fixture(name: string): Promise<string> {
  return readFile(join(fixtureFolder, name), 'utf8');
}

async function running() {
  const stage = await createStage({
    settings: (git) =>
      usualSettings(git, { lookSeconds: 1 }).replace(
        'intervals: { sweepSeconds: 1 }',
        'intervals: { sweepSeconds: 86400, secretSeconds: 1 }',
      ) + secrets,
  });
  await stage.place.write('age.key', await fixture('own.key'));
  await stage.place.write('token.txt', 'token-one');
  await stage.team.commit({
    'coffee.yaml': declaration,
    'secrets/keys.enc.yaml': await fixture('everything.enc.yaml'),
  });
  const controller = await stage.controller();
  await programWhen(controller, ({ state }) => state === 'InSync');
  return { stage, controller };
}

/** What the state directory and the log hold. */
async function kept({ place }: Stage, said: string): Promise<string> {
  const files = ['state/status.json', 'state/ledger.db', 'state/ledger.db-wal'];
  const texts = await Promise.all(
    files.map((file) => readFile(place.path(file), 'latin1').catch(() => '')),
  );
  return [said, ...texts].join('\n');
}

describe('a running controller', () => {
  it('writes a secret that was rotated in a file or in Git, at the secret interval', async () => {
    const { stage, controller } = await running();
    await worldWith(stage, 's3cret-✓');
    await worldWith(stage, 'token-one');

    await stage.place.write('token.txt', 'token-two');
    await worldWith(stage, 'token-two');
    const history = await stage.place.run(['history', '--state', 'state', '--limit', '1']);
    expect(history.stdout, 'no commit changed it').toContain(
      'a secret was rotated where it is kept',
    );
    expect(history.stdout).not.toContain('commit ');
    await stage.team.commit({ 'secrets/keys.enc.yaml': await fixture('two-recipients.enc.yaml') });
    await worldWith(stage, 'for two');

    await programWhen(controller, ({ state }) => state === 'InSync');
    expect(await stage.writes()).toHaveLength(3);
    expect(await kept(stage, controller.said())).not.toMatch(
      /token-one|token-two|s3cret|for two|AGE-SECRET/,
    );
  });

  it('leaves a value alone while its secret is gone or broken, and goes on when it is back', async () => {
    const { stage, controller } = await running();

    await rm(stage.place.path('token.txt'));
    await stage.team.commit({
      'secrets/keys.enc.yaml': (await fixture('everything.enc.yaml')).replace('open', 'opened'),
    });
    const blocked = await programWhen(
      controller,
      (program) => JSON.stringify(program).match(/SecretUnavailable/g)?.length !== undefined,
    );
    const before = { writes: await stage.writes(), world: await stage.platform.world() };
    await stage.place.write('token.txt', 'token-three');
    await stage.team.commit({ 'secrets/keys.enc.yaml': await fixture('canary.enc.yaml') });
    await worldWith(stage, 'token-three');
    await worldWith(stage, 'from-sops');

    expect(before.writes).toHaveLength(1);
    expect(before.world).toContain('token-one');
    expect(before.world).toContain('s3cret');
    expect(JSON.stringify(blocked)).not.toMatch(/token-one|s3cret/);
    await programWhen(controller, ({ state }) => state === 'InSync');
  });
});
