import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';

import { serverTool } from '../support/server-tools.ts';
import { programIn, releaseIn, scene } from '../unit/status/scene.ts';
import { states } from '../unit/status/states.ts';

interface Verdict {
  readonly status: string;
  readonly message: string;
}

/** What the kstatus library says of each object, asked in one go. */
async function verdictsOf(objects: readonly object[]): Promise<readonly Verdict[]> {
  const child = spawn(await serverTool('kstatus'), [], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(objects.map((object) => `${JSON.stringify(object)}\n`).join(''));
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Verdict);
}

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
      const { object: _object, name: _name, ...rest } = asked;
      const world = scene(options);
      return { release: releaseIn(world, asked), program: programIn(world, rest) };
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

    // A release without a program is no release of this one; what rested is known from the release's own object alone.
    expect(differing).toEqual([
      'the program it names is missing: Current',
      'refused for good a while ago, and not tried again yet: InProgress',
    ]);
  });

  it('believes nothing of another generation', async () => {
    const [ready] = states;
    const status = ready && releaseIn(scene(ready.scene));

    const [verdict] = await verdictsOf([objectOf('MiniProgramRelease', status, 2)]);

    expect(verdict?.status).toBe('InProgress');
  });
});
