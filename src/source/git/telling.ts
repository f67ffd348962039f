import { ReconcileError } from '../../core/words/errors.ts';

interface Telling {
  readonly when: RegExp;
  readonly message: string;
  /** Git's own line would say something else: that it may not ask a person. */
  readonly isWhole?: boolean;
  readonly nextStep: string;
}

/** What git and ssh say of failures that people can do something about; the first that fits. */
const tellings: readonly Telling[] = [
  {
    when: /spawn (?:setsid|git) ENOENT|failed to execute git/,
    message: 'there is no git here',
    isWhole: true,
    nextStep: 'install Git and put it on PATH; of the images, full has it and slim has not',
  },
  {
    when: /cannot run .*(?:ssh|\/sh)\b|ssh: (?:command )?not found/,
    message: 'there is no ssh here, or no shell to start it with',
    isWhole: true,
    nextStep: 'install the client of OpenSSH and put it on PATH; of the images, full has it',
  },
  {
    when: /could not read (Username|Password)|terminal prompts disabled/,
    message: 'the Git server refuses us: the credential is missing, or it is not the right one',
    isWhole: true,
    nextStep:
      'see credentials of the GitSource: username and password, or a token, that may read the repository and has not ended',
  },
  {
    when: /Authentication failed|returned error: 40[13]/,
    message: 'the Git server refuses us: it wants a credential, or not the one it was given',
    nextStep:
      'see credentials of the GitSource: the token may have ended or lack the right to read',
  },
  {
    when: /Host key verification failed|host key is known/,
    message: 'the key of the SSH server is not the one that is known',
    nextStep:
      'compare the key with what the server publishes, then correct knownHosts of the GitSource',
  },
  {
    when: /Permission denied|Load key/,
    message: 'the SSH server refuses our key',
    nextStep:
      'see sshKey of the GitSource, and whether the server lets that key read the repository',
  },
  {
    when: /returned error: 30\d|redirect/,
    message: 'the Git server redirects to another address, and redirects are not followed',
    nextStep: 'set url of the GitSource to the address where the repository is now',
  },
  {
    when: /SSL certificate|certificate verification|CAfile|certificate verify/,
    message: 'the certificate of the Git server is not trusted',
    nextStep: 'give its certificate authority as caFile of the GitSource',
  },
  {
    when: /returned error: 404|repository .*not found|does not appear to be a git repo|not exported/i,
    message: 'there is no repository at this url, or we may not see it',
    nextStep: 'correct url of the GitSource, or give it a credential that may read the repository',
  },
  {
    when: /resolve host|Failed to connect|Connection (refused|reset|closed|timed out)|No route to|Could not connect|Network is unreachable|unable to access|too slow/i,
    message: 'the Git server cannot be reached',
    nextStep:
      'see whether the server is up and this machine may reach it; it is asked again by itself',
  },
];

const unknown: Omit<Telling, 'when'> = {
  message: 'git failed',
  nextStep: 'try the same repository with git ls-remote',
};

/**
 * A failure of git as people can use it: what it is, the line that tells most, what to do.
 *
 * @param hidden  texts that no message may show: a server can send back what it was given
 */
export function told(error: unknown, hidden: readonly string[]): ReconcileError {
  const text = error instanceof Error ? error.message : '';
  const { message, nextStep, isWhole } = tellings.find(({ when }) => when.test(text)) ?? unknown;
  const line = isWhole === true ? '' : `: ${lineOf(text, hidden)}`;
  return new ReconcileError('SourceUnavailable', `${message}${line}`, { nextStep });
}

/** One printable line: the server has its part in it. */
function lineOf(text: string, hidden: readonly string[]): string {
  const lines = hidden
    .reduce((rest, each) => rest.replaceAll(each, '(secret)'), text)
    .split('\n')
    .map((line) => line.replace(/[^\x20-\x7e]/g, ' ').trim());
  const telling =
    lines.findLast((line) => /^(fatal|error|remote|ssh|kex|Host key)/.test(line)) ??
    lines.find(Boolean);
  return (telling ?? 'it gave no reason').slice(0, 300);
}
