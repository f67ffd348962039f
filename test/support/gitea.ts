import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { freePorts, type Running, startServer, untilReady } from './control-plane-process.ts';
import { createGiteaRepository, type GiteaRepository } from './gitea-repository.ts';
import { serverTool } from './server-tools.ts';

const run = promisify(execFile);

/** Somebody with an account, and a token that may do whatever they may. */
export interface GiteaUser {
  readonly id: number;
  readonly name: string;
  readonly token: string;
}

export interface GiteaCall {
  /** Nobody, if omitted. */
  readonly as?: GiteaUser;
  /** POST with a body, else GET. */
  readonly method?: string;
  /** Below `/api/v1`, or whole from `/` with `isPage`. */
  readonly path: string;
  readonly body?: unknown;
  readonly isPage?: true;
}

export interface GiteaAnswer {
  readonly status: number;
  readonly text: string;
}

/** A real Gitea on the loopback, with its data in a folder of its own. */
export interface Gitea {
  /** Where people and the API find it, without a slash at the end. */
  readonly url: string;
  readonly admin: GiteaUser;
  /** A raw call; no answer is looked at. */
  call(call: GiteaCall): Promise<GiteaAnswer>;
  /** A call that must succeed. @throws Error what was answered instead */
  json<T>(call: GiteaCall): Promise<T>;
  createUser(name: string): Promise<GiteaUser>;
  /** The same person (not the administrator) with a token that may do no more than these scopes: `read:repository`. */
  withScopes(user: GiteaUser, scopes: readonly string[]): Promise<GiteaUser>;
  /** An empty repository of this user, and a work tree for it. */
  createRepository(owner: GiteaUser, name: string, how?: NewRepository): Promise<GiteaRepository>;
  stop(): Promise<void>;
}

export interface NewRepository {
  readonly isPrivate?: boolean;
}

export interface GiteaOptions {
  /** `/forge`: it is served below this path, as behind a company's proxy. */
  readonly subPath?: string;
  /** Lines of app.ini, with their sections. */
  readonly settings?: string;
  /** Where its options, templates and a built front end lie; without one, pages have no styles. */
  readonly staticRoot?: string;
}

/**
 * Starts Gitea, built once from `test/servers/tools/gitea`, on a free port of the loopback.
 *
 * @throws Error  one line, when Go is missing or it does not start
 */
export async function startGitea(options: GiteaOptions = {}): Promise<Gitea> {
  const program = await serverTool('gitea');
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-gitea-'));
  const running: Running[] = [];
  const stop = async (): Promise<void> => {
    for (const server of running) await server.stop(15_000);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    return { ...(await start({ program, folder, running }, options)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Parts {
  readonly program: string;
  readonly folder: string;
  readonly running: Running[];
}

async function start(
  { program, folder, running }: Parts,
  options: GiteaOptions,
): Promise<Omit<Gitea, 'stop'>> {
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}${options.subPath ?? ''}`;
  const file = join(folder, 'app.ini');
  await mkdir(join(folder, 'home'));
  await writeFile(file, appIni({ program, folder, port, url }, options));
  const command = [
    ...['/usr/bin/env', '-i', `PATH=${process.env['PATH'] ?? ''}`, `HOME=${join(folder, 'home')}`],
    ...[program, '--config', file, '--work-path', folder],
  ] as const;
  const adminToken = await createAdmin(command);
  const server = startServer('gitea', [...command, 'web'], join(folder, 'gitea.log'));
  running.push(server);
  const call = (given: GiteaCall) => send(url, given);
  await untilReady(() => versionOf(call), running, 120_000);
  const json = <T>(given: GiteaCall) => succeed<T>(call, given);
  const as = { id: 0, name: 'root-admin', token: adminToken };
  const { id } = await json<{ readonly id: number }>({ as, path: '/user' });
  const admin = { ...as, id };
  const accounts = { url, json, admin, passwords: new Map<string, string>() };
  return {
    ...{ url, admin, call, json },
    createUser: (name) => createUser(accounts, name),
    withScopes: (user, scopes) => createToken(accounts, user, scopes),
    createRepository: (owner, name, how = {}) =>
      createGiteaRepository({ url, json, folder }, owner, name, how),
  };
}

interface Place {
  readonly program: string;
  readonly folder: string;
  readonly port: number;
  readonly url: string;
}

/** @see https://docs.gitea.com/administration/config-cheat-sheet */
function appIni(place: Place, { subPath, settings = '', staticRoot }: GiteaOptions): string {
  const { program, folder, port, url } = place;
  const { uid, username } = userInfo();
  const root = uid === 0 ? 'I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true\n' : '';
  return `${root}RUN_USER = ${username}
RUN_MODE = prod

[server]
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${port}
ROOT_URL = ${url}/
USE_SUB_URL_PATH = ${String(subPath !== undefined)}
LOCAL_ROOT_URL = ${url}/
OFFLINE_MODE = true
DISABLE_SSH = true
STATIC_ROOT_PATH = ${staticRoot ?? join(dirname(dirname(program)), 'share')}
APP_DATA_PATH = ${join(folder, 'data')}

[database]
DB_TYPE = sqlite3
PATH = ${join(folder, 'gitea.db')}
SQLITE_JOURNAL_MODE = WAL

[repository]
ROOT = ${join(folder, 'repositories')}
DEFAULT_BRANCH = main

[security]
INSTALL_LOCK = true
SECRET_KEY = ${randomBytes(16).toString('hex')}
PASSWORD_HASH_ALGO = pbkdf2_v1

[service]
DISABLE_REGISTRATION = true

[webhook]
ALLOWED_HOST_LIST = loopback

[actions]
ENABLED = false

[mailer]
ENABLED = false

[log]
LEVEL = Warn

[cron.update_checker]
ENABLED = false

${settings}
`;
}

/** @returns a token of the first administrator */
async function createAdmin([program, ...args]: readonly [string, ...string[]]): Promise<string> {
  const gitea = async (...more: readonly string[]): Promise<string> => {
    const { stdout } = await run(program, [...args, ...more], { timeout: 120_000 });
    return stdout;
  };
  const password = `P-${randomBytes(12).toString('hex')}`;
  const name = 'root-admin';
  await gitea('migrate');
  await gitea(
    ...['admin', 'user', 'create', '--admin', '--username', name, '--password', password],
    ...['--email', 'admin@example.test', '--must-change-password=false'],
  );
  const said = await gitea(
    ...['admin', 'user', 'generate-access-token', '--username', name],
    ...['--scopes', 'all', '--raw'],
  );
  const token = /^[0-9a-f]{40}$/m.exec(said)?.[0];
  if (token === undefined) throw new Error('gitea made no token');
  return token;
}

async function send(url: string, { as, method, path, body, isPage }: GiteaCall) {
  const response = await fetch(`${url}${isPage ? '' : '/api/v1'}${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      'Content-Type': 'application/json',
      ...(as === undefined ? {} : { Authorization: `token ${as.token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: 'manual',
  });
  return { status: response.status, text: await response.text() };
}

async function succeed<T>(call: Gitea['call'], given: GiteaCall): Promise<T> {
  const { status, text } = await call(given);
  if (status >= 300) throw new Error(`${given.path}: ${String(status)} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

async function versionOf(call: Gitea['call']): Promise<string | undefined> {
  const answer = await call({ path: '/version' }).catch(() => undefined);
  return answer?.status === 200 ? answer.text : undefined;
}

type Accounts = Pick<Gitea, 'url' | 'json' | 'admin'> & {
  /** By name: a token is made by whoever knows the password, and by nobody else. */
  readonly passwords: Map<string, string>;
};

async function createUser(accounts: Accounts, name: string): Promise<GiteaUser> {
  const { json, admin, passwords } = accounts;
  const password = `P-${randomBytes(12).toString('hex')}`;
  const { id } = await json<{ readonly id: number }>({
    as: admin,
    path: '/admin/users',
    body: {
      ...{ username: name, email: `${name}@example.test`, password },
      must_change_password: false,
    },
  });
  passwords.set(name, password);
  return createToken(accounts, { id, name, token: '' }, ['all']);
}

async function createToken(
  { url, passwords }: Accounts,
  user: GiteaUser,
  scopes: readonly string[],
): Promise<GiteaUser> {
  const basic = Buffer.from(`${user.name}:${passwords.get(user.name) ?? ''}`).toString('base64');
  const response = await fetch(`${url}/api/v1/users/${user.name}/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Basic ${basic}` },
    body: JSON.stringify({ name: randomBytes(6).toString('hex'), scopes }),
  });
  if (!response.ok) throw new Error(`token of ${user.name}: ${await response.text()}`);
  const { sha1 } = (await response.json()) as { readonly sha1: string };
  return { ...user, token: sha1 };
}
