import { createGit, type Git } from '../../source/git/run.ts';
import type { Session } from '../session.ts';
import { systemClock } from '../system.ts';

/** Git with the few variables of the process it needs, and none of the others. */
export function gitFor({ environment }: Session, allowFileUrls: boolean): Git {
  const { PATH = '/usr/bin:/bin', HOME, SSH_AUTH_SOCK } = environment.variables;
  return createGit({
    environment: {
      path: PATH,
      ...(HOME === undefined ? {} : { home: HOME }),
      ...(SSH_AUTH_SOCK === undefined ? {} : { sshAuthSock: SSH_AUTH_SOCK }),
    },
    clock: systemClock,
    allowFileUrls,
  });
}
