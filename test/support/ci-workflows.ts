import { run } from '../../src/cli/commands/ci.ts';
import type { CiForge } from '../../src/cli/ci/wanted.ts';
import { fakeSession } from './session.ts';

const hash = '0123456789abcdef0123456789abcdef01234567';

/** Option sets whose workflows are kept in test/fixtures/ci, one file for each forge that has them. */
export const workflowCases: readonly {
  readonly name: string;
  readonly forges: readonly CiForge[];
  readonly options: Readonly<Record<string, unknown>>;
}[] = [
  { name: 'plain', forges: ['github', 'gitlab', 'gitea'], options: { branch: 'main' } },
  {
    name: 'platform',
    forges: ['github', 'gitlab', 'gitea'],
    options: { branch: 'main', path: ['releases/', 'pro grams/coffee.yaml'], fairlead: 'pin' },
  },
  {
    name: 'snapshot',
    forges: ['github', 'gitlab', 'gitea'],
    options: { branch: 'trunk', path: ['releases/'], snapshot: true, fairlead: 'pin' },
  },
  {
    name: 'forks',
    forges: ['github', 'gitlab', 'gitea'],
    options: { branch: 'main', path: ['releases/'], forks: true, fairlead: 'pin' },
  },
  {
    name: 'all',
    forges: ['github'],
    options: {
      ...{ branch: 'main', path: ['releases/'], snapshot: true, forks: true, sarif: true },
      fairlead: 'pin',
    },
  },
];

const pins: Readonly<Record<CiForge, string>> = {
  github: `acme/fairlead@${hash}`,
  gitea: `https://git.acme.example/tools/fairlead@${hash}`,
  gitlab: `https://gitlab.acme.example/tools/fairlead.git@${hash}`,
};

/** What `fairlead ci FORGE` prints; an option `fairlead: 'pin'` stands for a pin that fits the forge. */
export async function printWorkflow(
  forge: string,
  options: Readonly<Record<string, unknown>>,
): Promise<string> {
  const session = fakeSession();
  const fairlead = options['fairlead'] === 'pin' ? pins[forge as CiForge] : options['fairlead'];
  await run(session, { args: [forge], options: { ...options, fairlead } });
  return session.said().stdout;
}
