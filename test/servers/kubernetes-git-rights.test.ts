import { mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { coffee, world } from '../support/cli-world.ts';
import type { ControlPlane } from '../support/control-plane.ts';
import { createTeamRepository } from '../support/controller.ts';
import { startGitHttp, type SeenRequest } from '../support/git-http.ts';
import { becomes, clusterStage, patient, preparedPlane, settings } from './kubernetes-stage.ts';

let plane: ControlPlane;

beforeAll(async () => {
  plane = await preparedPlane();
}, 120_000);

afterAll(async () => {
  await plane.stop();
});

const source = (url: string, secret?: string): string => `apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: team }
spec:
  intervalSeconds: 1
  url: ${url}
${secret === undefined ? '' : `  credentials: { token: { secretKeyRef: { name: ${secret}, key: token } } }`}
`;

function sentTo(requests: readonly SeenRequest[]): readonly string[] {
  return requests.flatMap(({ authorization }) =>
    authorization === undefined
      ? []
      : [Buffer.from(authorization.replace('Basic ', ''), 'base64').toString()],
  );
}

describe('a repository that an object names', () => {
  it('is read with its namespace’s Secret alone, at the server which that names', async () => {
    const stage = await clusterStage(plane, world);
    const namespace = await plane.namespace();
    const repository = await createTeamRepository(stage.place, 'team');
    await repository.commit({ 'coffee.yaml': coffee });
    const root = stage.place.path('git');
    const own = await startGitHttp({ root, user: 'git', password: 'canary-token' });
    const elsewhere = await startGitHttp({ root, user: 'nobody', password: 'never' });
    const ours = new URL(own.url).host;
    await mkdir(stage.place.path('home'));
    await stage.place.write('home/.netrc', 'machine 127.0.0.1 login git password canary-token\n');
    const config = await stage.place.write('settings.yaml', settings('allowFileUrls: true'));
    await stage.start(['--config', config], { env: { HOME: stage.place.path('home') } });
    const secret = (...words: readonly string[]) => stage.kubectl('-n', namespace, ...words);
    const says = async (reason: string, text: string): Promise<void> => {
      await becomes(stage, 'gitsource/team', namespace, `False ${reason}`);
      await vi.waitFor(async () => {
        const { status } = await stage.get('gitsource/team', namespace);
        expect(status?.conditions?.[0]?.message).toContain(text);
      }, patient);
    };

    await stage.apply(source(`${own.url}/team.git`), namespace);
    await says('SourceUnavailable', 'credentials');
    expect(sentTo(own.requests)).toEqual([]);
    await secret('create', 'secret', 'generic', 'keys', '--from-literal=token=canary-token');
    await secret('label', 'secret', 'keys', 'fairlead.dev/use=true');
    await stage.apply(source(`${elsewhere.url}/team.git`, 'keys'), namespace);
    await says('SourceUnavailable', 'is not labelled for Git');
    await secret('label', 'secret', 'keys', 'fairlead.dev/use=git', '--overwrite');
    await secret('annotate', 'secret', 'keys', `fairlead.dev/git-host=${ours}`);
    await says('SourceUnavailable', `may not be sent to ${new URL(elsewhere.url).host}`);
    await stage.apply(source(`${own.url}/team.git`, 'keys'), namespace);
    await becomes(stage, 'gitsource/team', namespace, 'True InSync');

    expect(sentTo(elsewhere.requests)).toEqual([]);
    expect(new Set(sentTo(own.requests))).toEqual(new Set(['git:canary-token']));
    await own.stop();
    await elsewhere.stop();
  });
});
