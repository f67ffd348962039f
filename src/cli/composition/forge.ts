import type { Forge } from '../../ports/forge.ts';
import { remoteUrl } from '../../source/git/strings.ts';
import type { Session } from '../session.ts';
import { systemClock, systemRandom } from '../system.ts';
import type { ForgeAccess } from './forge-credential.ts';
import type { ForgePlace } from './forge-place.ts';
import { openForgeTransport } from './forge-transport.ts';
import type { Remote } from './review-objects.ts';
import { createTelemetry } from './telemetry.ts';

/** A forge within reach. */
export interface OpenForge {
  readonly forge: Forge;
  /** Where its repository's objects can be fetched. */
  readonly remote: Remote;
  readonly close: () => void;
}

/** One call with its repetitions and waits: a job that a forge limits for longer is better run again. */
const deadlineMs = 120_000;

/**
 * Opens the forge of a pull request; nothing is asked yet.
 *
 * @param top  of the checkout, in which no certificates may lie
 * @throws ReconcileError `SettingsInvalid`; what `openForgeTransport` throws
 */
export async function openForgeAt(
  session: Session,
  place: ForgePlace,
  { credential, git }: ForgeAccess,
  top: string | undefined,
): Promise<OpenForge> {
  const [{ openForge, githubGitTokens }, transport] = await Promise.all([
    import('../../review/forges/index.ts'),
    openForgeTransport(session.environment.variables, top),
  ]);
  const { name, webUrl, apiUrl, repository } = place;
  const { telemetry, done } = await createTelemetry(session);
  const settings = {
    ...{ name, webUrl, repository, credential, deadlineMs },
    ...(apiUrl === undefined ? {} : { apiUrl }),
  };
  const ports = { transport, clock: systemClock, random: systemRandom, telemetry };
  const forge = openForge(settings, ports);
  const appToken = git ? undefined : githubGitTokens(settings, ports);
  return {
    forge,
    remote: {
      url: remoteUrl(`${webUrl}/${repository}.git`, isLocal(place)),
      git: git
        ? () => Promise.resolve(git)
        : appToken && (async (over) => ({ username: gitUsername, token: await appToken(over) })),
    },
    close: () => {
      done();
      transport.close();
    },
  };
}

/** @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation */
const gitUsername = 'x-access-token';

/** Without TLS, as a forge for tests on this machine is; another machine is refused. */
export function isLocal({ webUrl }: Pick<ForgePlace, 'webUrl'>): boolean {
  return webUrl.startsWith('http:');
}
