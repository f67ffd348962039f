import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { root } from '../../tools/files.ts';
import type { ControlPlane } from '../support/control-plane.ts';
import { version } from './crds-documents.ts';
import { documentOf, startWithDefinitions } from './crds-stage.ts';

let plane: ControlPlane;

beforeAll(async () => {
  plane = await startWithDefinitions();
});

afterAll(async () => {
  await plane.stop();
});

describe('definitions', () => {
  it('are accepted, and every kind is served', async () => {
    const served = await plane.kubectl(['api-resources', '--categories=fairlead', '--no-headers']);

    expect(
      served.stdout
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/).join(' ')),
    ).toEqual([
      'configprofiles cfgp fairlead.dev/v1alpha1 true ConfigProfile',
      'gitsources gsrc fairlead.dev/v1alpha1 true GitSource',
      'miniprogramreleases mpr fairlead.dev/v1alpha1 true MiniProgramRelease',
      'miniprograms mp fairlead.dev/v1alpha1 true MiniProgram',
      'platformconnections pconn fairlead.dev/v1alpha1 false PlatformConnection',
    ]);
  });

  it('are structural: nothing is kept that no schema knows', async () => {
    const { stdout } = await plane.kubectl(['get', 'crd', '-o', 'json']);
    const { items } = JSON.parse(stdout) as {
      items: { status: { conditions: { type: string; status: string }[] } }[];
    };

    expect(
      items.flatMap(({ status }) =>
        status.conditions.filter(({ type }) => type === 'NonStructuralSchema'),
      ),
    ).toEqual([]);
  });

  it.each([
    { path: 'mpr.spec.version', says: 'The version number shown in the console, such as 2.4.0.' },
    { path: 'mp.spec.policy.onDrift', says: 'What to do when somebody changed the platform.' },
    { path: 'mp.spec.targets.extend', says: 'Entries added to what lower layers' },
    { path: 'mpr.status.targets.testQrCode', says: 'Content of the QR code that testers scan.' },
    { path: 'pconn.spec.gates.maxPercent', says: 'Most percent of at least 10 existing releases' },
    { path: 'cfgp.spec.appliesTo', says: 'Both must match; what is omitted matches everything.' },
    { path: 'gsrc.spec.credentials.sshKey', says: 'Exactly one of file, env and secretKeyRef.' },
  ])('kubectl explain $path', async ({ path, says }) => {
    const { stdout } = await plane.kubectl(['explain', path]);

    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(says);
  });

  it('lets every field of every kind be explained', async () => {
    const kinds = ['mp', 'mpr', 'cfgp', 'gsrc', 'pconn'];
    const texts = await Promise.all(
      kinds.map((kind) => plane.kubectl(['explain', kind, '--recursive'])),
    );

    expect(texts.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('examples', () => {
  it('apply unchanged, and once more without a change', async () => {
    const folders = (await readdir(join(root, 'examples'), { recursive: true })).filter((path) =>
      path.endsWith('/declarations'),
    );

    const results = await Promise.all(
      folders.map(async (folder) => {
        const own = await plane.namespace();
        const apply = ['apply', '--server-side', '-R', '-n', own, '-f'];
        const made = await plane.kubectl([...apply, join(root, 'examples', folder)]);
        // The default of status is shown from the start, and stored by the first update.
        const first = await plane.kubectl([...apply, join(root, 'examples', folder)]);
        const before = await versions(own);
        const second = await plane.kubectl([...apply, join(root, 'examples', folder)]);
        return {
          folder,
          failed: [made, first, second].flatMap(({ stderr }) => (stderr === '' ? [] : [stderr])),
          changed: before !== (await versions(own)),
          isEmpty: before === '',
        };
      }),
    );

    expect(results.length).toBeGreaterThanOrEqual(7);
    expect(
      results.filter(({ failed, changed, isEmpty }) => failed.length > 0 || changed || isEmpty),
    ).toEqual([]);
  });
});

async function versions(own: string): Promise<string> {
  const template = '{range .items[*]}{.kind}/{.metadata.name}={.metadata.resourceVersion} {end}';
  const { stdout } = await plane.kubectl([
    'get',
    'fairlead',
    '-n',
    own,
    '-o',
    `jsonpath=${template}`,
  ]);
  return stdout;
}

describe('status', () => {
  it('answers the first question in columns, and cannot come with a declaration', async () => {
    const own = await plane.namespace();
    const document = documentOf('MiniProgramRelease', { ...version, environments: ['Test'] });
    const path = `/apis/fairlead.dev/v1alpha1/namespaces/${own}/miniprogramreleases`;
    await plane.call(path, { method: 'POST', body: { ...document, status: { progress: '9/9' } } });
    const before = await plane.call(`${path}/coffee`);

    const written = await plane.call(`${path}/coffee/status?fieldManager=test`, {
      method: 'PATCH',
      contentType: 'application/apply-patch+yaml',
      body: { ...document, spec: undefined, status },
    });
    const shown = await plane.kubectl(['get', 'mpr', '-n', own]);

    expect((before.body as { status?: unknown }).status).toEqual({ observedGeneration: -1 });
    expect(written.status).toBe(200);
    expect((written.body as { status?: unknown }).status).toEqual(status);
    expect(shown.stdout.replaceAll(/ {2,}/g, ' | ').replaceAll(/\d+s/g, 'N')).toBe(
      'NAME | READY | VERSION | TARGETS | BLOCKED | HELD | MESSAGE | AGE\n' +
        'coffee | False | 2.4.0 | 1/2 | 1 | 0 | megapay Test: upload version 2.4.0 first. | N\n',
    );
  });

  const status = {
    observedGeneration: 1,
    conditions: [
      {
        type: 'Ready',
        status: 'False',
        observedGeneration: 1,
        lastTransitionTime: '2026-11-22T20:00:00Z',
        reason: 'VersionNotUploaded',
        message: 'megapay Test: upload version 2.4.0 first.',
      },
    ],
    progress: '1/2',
    counts: { targets: 2, done: 1, blocked: 1, held: 0 },
    changeId: 'c-0123456789ab',
    targets: [
      {
        app: 'megapay',
        environment: 'Test',
        releaseId: 'r-1',
        status: 'NewVersionCreated',
        action: 'blocked',
        reason: 'VersionNotUploaded',
        nextStep: 'Upload version 2.4.0.',
        effectiveDigest: 'abc',
        testQrCode: 'https://qr.example/1',
      },
    ],
  };
});
