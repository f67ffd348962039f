import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitSource } from '../../core/kinds/git-source.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import { reveal, type SecretText } from '../../core/words/secret-text.ts';
import { judgedAddresses } from './addresses.ts';
import { serverOf, type RemoteUrl } from './strings.ts';

/** Values as they are now; read anew for each request, so that a rotated one is seen. */
export interface GitCredentials {
  /** https: sent as the password of `username`. */
  readonly token?: SecretText;
  readonly username?: string;
  readonly password?: SecretText;
  /** ssh: a private key without passphrase. */
  readonly sshKey?: SecretText;
  /** Lines of a known_hosts file. */
  readonly knownHosts?: string;
}

/** How a remote is reached. */
export interface Reaching {
  readonly url: RemoteUrl;
  readonly credentials: () => Promise<GitCredentials>;
  /** PEM file in place of the system's authorities. */
  readonly caFile?: string;
  /** A private key may lie here as long as a request lasts. */
  readonly keyDirectory: string;
  /**
   * Of somebody whom the process does not trust: no key, agent, password or known host of whoever runs it counts, and its
   * own machine is not asked, nor the cloud around it.
   */
  readonly apart?: Apart;
}

/** @see Reaching.apart */
export interface Apart {
  /** For tests: a server on this machine. */
  readonly allowLoopback: boolean;
}

/** What a call of git needs to reach the remote. */
export interface Access {
  readonly variables: Readonly<Record<string, string>>;
  readonly hidden: readonly string[];
}

/**
 * Works with access to the remote, and takes it away again.
 *
 * A header reaches git as a variable of its process, bound to the very origin: not by its command line, not by the URL,
 * and not by a file. A private key must be a file for ssh: of mode 0600 in a folder of mode 0700, for as long as the
 * request lasts.
 *
 * @throws ReconcileError `SourceUnavailable` where a credential cannot be read now; `SettingsInvalid` where nobody is asked
 */
export async function withAccess<T>(
  reaching: Reaching,
  work: (access: Access) => Promise<T>,
): Promise<T> {
  const { url, apart } = reaching;
  const addresses = apart && (await judgedAddresses(url, apart.allowLoopback));
  const credentials = await read(reaching);
  const isApart = apart !== undefined;
  const common = {
    ...(reaching.caFile === undefined ? {} : { GIT_SSL_CAINFO: reaching.caFile }),
    ...(isApart ? nobody : {}),
  };
  if (isHttp(url)) {
    const { settings, hidden } = headerOf(url, credentials);
    const all = [...settings, ...pinned(url, addresses)];
    return work({ variables: { ...common, ...settingsAsVariables(all) }, hidden });
  }
  const { sshKey, knownHosts } = credentials;
  if (sshKey || knownHosts !== undefined)
    return withFiles({ ...reaching, isApart }, { sshKey, knownHosts }, work);
  const ssh = isApart ? { GIT_SSH_COMMAND: sshCommand({ isApart }) } : {};
  return work({ variables: { ...common, ...ssh }, hidden: [] });
}

/** A home in which no file can be: curl looks into that of the user where none is named. */
const nobody = { HOME: '/dev/null', SSH_AUTH_SOCK: '' };

async function read({ credentials }: Reaching): Promise<GitCredentials> {
  try {
    return await credentials();
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    const { message, nextStep } = error;
    // What cannot be read may be there again at the next look: a file is absent for a moment while it is replaced.
    throw new ReconcileError('SourceUnavailable', `its credential cannot be read: ${message}`, {
      cause: error,
      ...(nextStep === undefined ? {} : { nextStep }),
    });
  }
}

/** Which values make a credential together, by name. */
const forHttp: ReadonlySet<string> = new Set(['', 'token', 'token username', 'password username']);
const forSsh: ReadonlySet<string> = new Set(['', 'sshKey', 'knownHosts', 'knownHosts sshKey']);

/** @throws ReconcileError `SettingsInvalid` for credentials that do not belong to such a url */
export function refuseCredentials(url: RemoteUrl, given: GitSource['spec']['credentials']): void {
  if (!given) return;
  const names = Object.keys(given)
    .filter((name) => name !== 'expiresAt')
    .toSorted()
    .join(' ');
  if ((isHttp(url) ? forHttp : forSsh).has(names)) return;
  throw new ReconcileError(
    'SettingsInvalid',
    'the credentials of the GitSource do not fit its url',
    {
      nextStep: 'https: a token, or username and password. ssh: sshKey and knownHosts',
    },
  );
}

function isHttp(url: RemoteUrl): boolean {
  return /^https?:/.test(url);
}

type GitSetting = readonly [name: string, value: string];

/** Settings of one call: its command line could be seen by others. */
function settingsAsVariables(settings: readonly GitSetting[]): Readonly<Record<string, string>> {
  if (settings.length === 0) return {};
  const pairs = settings.flatMap(([name, value], index): GitSetting[] => [
    [`GIT_CONFIG_KEY_${String(index)}`, name],
    [`GIT_CONFIG_VALUE_${String(index)}`, value],
  ]);
  return Object.fromEntries([['GIT_CONFIG_COUNT', String(settings.length)], ...pairs]);
}

/** What was judged is what is asked: a name may be another machine's at the next lookup. */
function pinned(url: RemoteUrl, addresses: readonly string[] | undefined): readonly GitSetting[] {
  const server = serverOf(url);
  if (!server || !addresses || addresses.length === 0) return [];
  const port = server.port === '' ? '443' : server.port;
  return [['http.curloptResolve', `${server.name}:${port}:${addresses.join(',')}`]];
}

function headerOf(
  url: RemoteUrl,
  { token, username, password }: GitCredentials,
): { readonly settings: readonly GitSetting[]; readonly hidden: readonly string[] } {
  const secret = token ?? password;
  if (!secret) return { settings: [], hidden: [] };
  const open = reveal(secret);
  const encoded = Buffer.from(`${username ?? 'git'}:${open}`).toString('base64');
  return {
    settings: [[`http.${new URL(url).origin}/.extraHeader`, `Authorization: Basic ${encoded}`]],
    hidden: [open, encoded, encodeURIComponent(open)],
  };
}

interface SshFiles {
  readonly sshKey: SecretText | undefined;
  readonly knownHosts: string | undefined;
}

async function withFiles<T>(
  { keyDirectory, isApart }: Pick<Reaching, 'keyDirectory'> & { readonly isApart: boolean },
  { sshKey, knownHosts }: SshFiles,
  work: (access: Access) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(keyDirectory, keyFolderPrefix));
  try {
    const put = async (name: string, text: string): Promise<string> => {
      const path = join(directory, name);
      await writeFile(path, text.endsWith('\n') ? text : `${text}\n`, { mode: 0o600 });
      return path;
    };
    const key = sshKey && (await put('key', reveal(sshKey)));
    const hosts = knownHosts === undefined ? undefined : await put('known_hosts', knownHosts);
    const ssh = { GIT_SSH_COMMAND: sshCommand({ key, hosts, isApart }) };
    const variables = { ...(isApart ? nobody : {}), ...ssh };
    return await work({ variables, hidden: sshKey ? [reveal(sshKey).trim()] : [] });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Folders of this name are nobody's after a crash. */
export const keyFolderPrefix = 'ssh-';

/**
 * BatchMode: never ask. The alive options end a connection that fell silent, even if nobody is left to kill it. A host
 * whose key is not known is refused; where the hosts are given, no other file counts.
 * Apart, no key counts but the given one, and of the files of hosts not that of the process's user.
 */
export function sshCommand({
  key,
  hosts,
  isApart = false,
}: {
  readonly key?: string | undefined;
  readonly hosts?: string | undefined;
  readonly isApart?: boolean;
}): string {
  const isOwn = key !== undefined || isApart;
  const options = [
    ['BatchMode', 'yes'],
    ['ConnectTimeout', '15'],
    ['ServerAliveInterval', '10'],
    ['ServerAliveCountMax', '3'],
    ['StrictHostKeyChecking', 'yes'],
    ['UpdateHostKeys', 'no'],
    ...(isOwn
      ? [
          ['IdentityFile', key ?? 'none'],
          ['IdentitiesOnly', 'yes'],
          ['IdentityAgent', 'none'],
        ]
      : []),
    ...hostFiles(hosts, isApart),
  ];
  const own = isOwn ? ['-F', 'none'] : [];
  return [
    'ssh',
    ...own,
    ...options.map(([name, value = '']) =>
      shellQuoted(`-o${name}="${value.replaceAll('%', '%%')}"`),
    ),
  ].join(' ');
}

function hostFiles(hosts: string | undefined, isApart: boolean): readonly (readonly string[])[] {
  if (hosts === undefined) return isApart ? [['UserKnownHostsFile', '/dev/null']] : [];
  return [
    ['UserKnownHostsFile', hosts],
    ['GlobalKnownHostsFile', '/dev/null'],
  ];
}

/** Git hands the command to a shell; ssh itself takes `%` for the start of a placeholder. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
