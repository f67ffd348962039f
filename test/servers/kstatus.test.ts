import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ControlPlane } from '../support/control-plane.ts';
import { verdictsOf, type Verdict } from './kstatus-verdicts.ts';
import { documentOf, startWithDefinitions } from './crds-stage.ts';
import { programIn, releaseIn, scene } from '../unit/status/scene.ts';
import { states } from '../unit/status/states.ts';

function objectOf(kind: string, status: object | undefined, generation = 1): object {
  return {
    apiVersion: 'fairlead.dev/v1alpha1',
    kind,
    metadata: { name: 'coffee', namespace: 'team-a', generation },
    spec: {},
    ...(status === undefined ? {} : { status }),
  };
}

describe('the kstatus library', () => {
  let releases: readonly Verdict[] = [];
  let programs: readonly Verdict[] = [];

  beforeAll(async () => {
    const made = states.map(({ scene: options, asked = {} }) => {
      const { object = {}, name: _name, ...rest } = asked;
      const world = scene(options);
      return {
        release: releaseIn(world, asked),
        program: programIn(world, { ...rest, releases: object }),
      };
    });
    releases = await verdictsOf(made.map(({ release }) => objectOf('MiniProgramRelease', release)));
    programs = await verdictsOf(made.map(({ program }) => objectOf('MiniProgram', program)));
  });

  it.each(states.map((state, index) => ({ ...state, index })))(
    '$name: $verdict',
    ({ index, verdict, why }) => {
      expect(releases[index]?.status, why).toBe(verdict);
    },
  );

  it('says of a program what it says of its worst release', () => {
    const differing = states.flatMap(({ name, verdict }, index) =>
      programs[index]?.status === verdict ? [] : [`${name}: ${programs[index]?.status ?? ''}`],
    );

    // A release of another program is no release of this one.
    expect(differing).toEqual(['the program it names is missing: Current']);
  });

  it('believes nothing of another generation', async () => {
    const [ready] = states;
    const status = ready && releaseIn(scene(ready.scene));

    const [verdict] = await verdictsOf([objectOf('MiniProgramRelease', status, 2)]);

    expect(verdict?.status).toBe('InProgress');
  });
});

describe('on a real API server', () => {
  let plane: ControlPlane;
  let namespace = '';

  beforeAll(async () => {
    plane = await startWithDefinitions();
    namespace = await plane.namespace();
  });

  afterAll(async () => {
    await plane.stop();
  });

  const path = (name: string) =>
    `/apis/fairlead.dev/v1alpha1/namespaces/${namespace}/miniprogramreleases/${name}`;

  async function create(name: string): Promise<void> {
    const document = documentOf('MiniProgramRelease', {
      miniProgram: 'coffee',
      version: '1.0.0',
      environments: ['Test'],
    });
    const body = { ...document, metadata: { name } };
    await plane.call(path(''), { method: 'POST', body });
  }

  async function read(name: string): Promise<object> {
    const { body } = await plane.call(path(name));
    return body as object;
  }

  it('an object that no controller has looked at yet is not Current', async () => {
    await create('fresh');

    const [verdict] = await verdictsOf([await read('fresh')]);

    expect(verdict?.status).toBe('InProgress');
  });

  it('every status is taken as it is, and the verdicts stay', async () => {
    const names = states.map((_, index) => `state-${index}`);
    const kept: object[] = [];
    const sent: object[] = [];
    for (const [index, { scene: options, asked }] of states.entries()) {
      const name = names[index] ?? '';
      await create(name);
      const status = releaseIn(scene(options), asked);
      const written = await plane.call(`${path(name)}/status?fieldManager=fairlead`, {
        method: 'PATCH',
        contentType: 'application/apply-patch+yaml',
        body: {
          apiVersion: 'fairlead.dev/v1alpha1',
          kind: 'MiniProgramRelease',
          metadata: { name },
          status,
        },
      });
      expect(written.status, states[index]?.name).toBe(200);
      sent.push(status);
      kept.push(await read(name));
    }

    const verdicts = await verdictsOf(kept);

    expect(kept.map((object) => (object as { status: object }).status)).toEqual(sent);
    expect(verdicts.map(({ status }) => status)).toEqual(states.map(({ verdict }) => verdict));
  });
});
