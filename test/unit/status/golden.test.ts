import { join } from 'node:path';
import { expect, it } from 'vitest';

import { root } from '../../../tools/files.ts';
import { captionedTable, cellsOf } from './kubectl-table.ts';
import { programIn, releaseIn } from './scene.ts';
import { sceneOf, states } from './states.ts';

const intro = `In every state: what kubectl get shows of a release and of its program, and in brackets the
verdict of kstatus (test/servers/kstatus.test.ts asks the library). Messages are not padded for.
Made by: vitest run --project unit test/unit/status/golden.test.ts -u
`;

it('a reviewer can read every state in one picture', async () => {
  const shown = states.map((state) => {
    const { name, why, verdict, asked = {} } = state;
    const made = sceneOf(state);
    const { object = {}, name: _name, ...rest } = asked;
    const release = {
      name: asked.name ?? 'coffee-1.0.0',
      spec: { version: '1.0.0' },
      status: releaseIn(made, asked),
    };
    const program = { name: 'coffee', status: programIn(made, { ...rest, releases: object }) };
    const caption = `${name} (${verdict}): ${why}`;
    return {
      release: { caption, cells: cellsOf('miniprogramreleases', release) },
      program: { caption, cells: cellsOf('miniprograms', program) },
    };
  });

  const picture = [
    intro,
    '$ kubectl get miniprogramreleases',
    captionedTable(
      'miniprogramreleases',
      shown.map(({ release }) => release),
    ),
    '\n$ kubectl get miniprograms',
    captionedTable(
      'miniprograms',
      shown.map(({ program }) => program),
    ),
    '',
  ].join('\n');

  await expect(picture).toMatchFileSnapshot(join(root, 'test/fixtures/status/get.txt'));
});
