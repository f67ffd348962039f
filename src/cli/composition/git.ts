import { createGit, type Git } from '../../source/git/run.ts';
import type { Session } from '../session.ts';
import { systemClock } from '../system.ts';

/** How git over https leaves this machine, and whom it trusts there unless a GitSource says otherwise. */
const waysOut = new Set(['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy', 'GIT_SSL_CAINFO']);

/**
 * Git with the few variables of the process it needs, and none of the others.
 *
 * @param mirrorMebibytes  of the Settings
 */
export function gitFor(
  { environment }: Session,
  allowFileUrls: boolean,
  mirrorMebibytes?: number,
): Git {
  const { PATH = '/usr/bin:/bin', HOME, SSH_AUTH_SOCK } = environment.variables;
  const https = Object.entries(environment.variables).flatMap(([name, value]) =>
    waysOut.has(name) && value ? [[name, value] as const] : [],
  );
  return createGit({
    environment: {
      path: PATH,
      ...(HOME === undefined ? {} : { home: HOME }),
      ...(SSH_AUTH_SOCK === undefined ? {} : { sshAuthSock: SSH_AUTH_SOCK }),
      https: Object.fromEntries(https),
    },
    clock: systemClock,
    allowFileUrls,
    ...(mirrorMebibytes === undefined ? {} : { mirrorBytes: mirrorMebibytes * 1024 * 1024 }),
  });
}
