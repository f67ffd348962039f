import { spawn } from 'node:child_process';
import { join, normalize } from 'node:path';
import ssh2, { type AuthContext, type Connection, type ServerChannel } from 'ssh2';

export interface GitSshOptions {
  /** Folder of bare repositories: `ROOT/releases.git` is `URL/releases.git`. */
  readonly root: string;
  /** A line of an authorized_keys file: nobody else is let in. */
  readonly authorizedKey: string;
}

export interface GitSsh {
  readonly url: string;
  /** A line of a known_hosts file. */
  readonly knownHosts: string;
  /** Commands that were asked for. */
  readonly commands: readonly string[];
  /** Takes commands and never answers. */
  hang(on: boolean): void;
  /** The machine is there and nobody answers. */
  outage(on: boolean): void;
  stop(): Promise<void>;
}

/** Two key pairs of OpenSSH's forms. The host's is made anew for each server. */
export function makeSshKey(): { readonly private: string; readonly public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    // One in 256 begins with a zero byte, which the library drops: nothing can read that key.
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

/** A real SSH server that runs git-upload-pack and git-receive-pack, on a free port of this machine. */
export async function startGitSsh({ root, authorizedKey }: GitSshOptions): Promise<GitSsh> {
  const host = makeSshKey();
  const allowed = ssh2.utils.parseKey(authorizedKey);
  if (allowed instanceof Error) throw allowed;
  const state = { hangs: false, isOut: false };
  const commands: string[] = [];
  const connections = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [host.private] }, (connection) => {
    if (state.isOut) {
      connection.end();
      return;
    }
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
    // A client that is killed resets its connection.
    connection.on('error', () => undefined);
    connection.on('authentication', (context) => authenticate(context, allowed));
    connection.on('session', (accept) => {
      const session = accept();
      const variables: Record<string, string> = {};
      session.on('env', (acceptEnv, _, { key, val }) => {
        if (key === 'GIT_PROTOCOL') variables[key] = val;
        (acceptEnv as (() => void) | undefined)?.();
      });
      session.on('exec', (acceptExec, reject, { command }) => {
        commands.push(command);
        const args = /^(git-upload-pack|git-receive-pack) '([^']+)'$/.exec(command);
        if (!args) {
          reject();
          return;
        }
        const channel = acceptExec();
        const repository = join(root, normalize(`/${args[2] ?? ''}`));
        if (!state.hangs) serve([args[1] ?? '', repository], { channel, variables });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const [kind, key] = host.public.split(' ');
  return {
    url: `ssh://git@127.0.0.1:${port}`,
    knownHosts: `[127.0.0.1]:${port} ${kind} ${key}\n`,
    commands,
    hang(on) {
      state.hangs = on;
    },
    outage(on) {
      state.isOut = on;
      if (on) for (const connection of connections) connection.end();
    },
    async stop() {
      for (const connection of connections) connection.end();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function authenticate(context: AuthContext, allowed: ssh2.ParsedKey): void {
  const isKey = context.method === 'publickey' && context.key.data.equals(allowed.getPublicSSH());
  if (!isKey) {
    context.reject(['publickey']);
    return;
  }
  // Without a signature the client only asks whether the key would do.
  const { blob, signature } = context;
  const proven = !signature || (blob && allowed.verify(blob, signature, context.hashAlgo) === true);
  if (proven) context.accept();
  else context.reject(['publickey']);
}

function serve(
  [program, repository]: readonly [string, string],
  {
    channel,
    variables,
  }: { readonly channel: ServerChannel; readonly variables: Readonly<Record<string, string>> },
): void {
  const child = spawn('git', [program.replace(/^git-/, ''), repository], {
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      ...variables,
    },
  });
  child.on('error', () => channel.end());
  child.stdin.on('error', () => undefined);
  channel.on('error', () => undefined);
  channel.once('close', () => child.kill('SIGKILL'));
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.once('close', (code) => {
    channel.exit(code ?? 1);
    channel.end();
  });
}
