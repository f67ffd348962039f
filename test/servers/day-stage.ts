import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect, onTestFinished, vi } from 'vitest';

import { createPlace, type EmulatorProcess, type Place } from '../support/cli.ts';
import {
  callWebhook,
  createTeamRepository,
  environmentOfController,
  gitPassword,
  startController,
  type Controller,
} from '../support/controller.ts';
import { startGitHttp, type GitHttp } from '../support/git-http.ts';
import { makeSshKey, startGitSsh, type GitSsh } from '../support/git-ssh.ts';
import { loopbackTls } from '../support/loopback-tls.ts';
import type { Kill } from './day-judge.ts';
import { createTeam, type Team } from './day-team.ts';
import { startWire, type Wire } from './day-wire.ts';

/** Two teams, each with a program and a repository of its own, a platform, and a controller that dies now and then. */
export interface Day {
  readonly place: Place;
  readonly platform: EmulatorProcess;
  readonly wire: Wire;
  readonly http: GitHttp;
  readonly ssh: GitSsh;
  readonly coffee: Team;
  readonly tea: Team;
  readonly kills: readonly Kill[];
  start(): Promise<void>;
  /** Now; the moment is in `kills`. */
  kill(): void;
  /** Once it is gone. */
  gone(): Promise<void>;
  stop(): Promise<void>;
  /** A push that a forge tells of. */
  hint(): Promise<void>;
  /** Everything that stands in Git is acted on. */
  converged(): Promise<void>;
  status(): ReturnType<Controller['status']>;
}

const versions = Array.from({ length: 10 }, (_, index) => `1.${String(index)}.0`);

const world = `
apps:
  - { id: megapay, name: MegaPay, environments: [Production, Sandbox, Test, Development] }
workspaces:
  - id: acme
    miniPrograms:
      - { id: "3500020208396321", name: Coffee, versions: [${versions.join(', ')}] }
      - { id: "3500020208396399", name: Tea, versions: [${versions.join(', ')}] }
`;

export async function createDay(): Promise<Day> {
  const place = await createPlace();
  const root = place.path('git');
  await mkdir(root, { recursive: true });
  const own = makeSshKey();
  const http = await startGitHttp({ root, user: 'team', password: gitPassword, tls: loopbackTls });
  const ssh = await startGitSsh({ root, authorizedKey: own.public });
  onTestFinished(() => Promise.all([http.stop(), ssh.stop()]).then(() => undefined));
  const [coffee, tea] = [
    createTeam('coffee', '3500020208396321', await createTeamRepository(place, 'coffee')),
    createTeam('tea', '3500020208396399', await createTeamRepository(place, 'tea')),
  ];
  const platform = await place.emulator(world, ['--data', place.path('platform')]);
  const wire = await startWire(platform.url);
  await place.write('ca.pem', loopbackTls.cert);
  await place.write('tea.key', own.private);
  await place.write('tea.hosts', ssh.knownHosts);
  const connection = (await place.read('connections.yaml')).replace(platform.url, wire.url);
  await place.write('fairlead.yaml', `${connection.trimEnd()}\n${settings(http.url, ssh.url)}`);

  const kills: Kill[] = [];
  let controller: Controller | undefined;
  let startedAt = 0;
  const status: Day['status'] = () => controller!.status();

  return {
    ...{ place, platform, wire, http, ssh, coffee, tea, kills, status },
    async start() {
      startedAt = Date.now();
      controller = await startController(place, {
        args: ['run', '--config', 'fairlead.yaml', '--state', 'state', '--listen', '127.0.0.1:0'],
        env: environmentOfController,
        stateDir: place.path('state'),
      });
    },
    kill() {
      kills.push({ startedAt, at: Date.now() });
      controller?.child.kill('SIGKILL');
    },
    gone: async () => void (await controller?.ended),
    stop: async () => void (await controller?.stop()),
    hint: async () => void (await callWebhook(controller!.url()).catch(() => undefined)),
    converged: () =>
      vi.waitFor(
        async () => {
          const { sources, programs, startedAt: since } = await status();
          // What a killed one said stands in the same file.
          expect(since).toBeGreaterThanOrEqual(startedAt);
          const heads = [coffee.head(), tea.head()];
          expect(sources.map(({ completed }) => completed)).toEqual(heads);
          expect(programs.filter(({ state }) => state !== 'InSync')).toEqual([]);
        },
        { timeout: 60_000, interval: 100 },
      ),
  };
}

function settings(http: string, ssh: string): string {
  return `  requestsPerSecond: 200
  gates: { productionPayee: "off", clearDomains: "off", clearTesters: "off", maxPercent: "off", maxChanges: "off", maxPrograms: "off" }
  grants:
    - { sources: [coffee], miniPrograms: ["3500020208396321"] }
    - { sources: [tea], miniPrograms: ["3500020208396399"] }
---
apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: coffee }
spec:
  url: ${http}/coffee.git
  intervalSeconds: 4
  timeoutSeconds: 10
  caFile: ca.pem
  credentials: { username: team, password: { env: GIT_PASSWORD } }
---
apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: tea }
spec:
  url: ${ssh}/tea.git
  intervalSeconds: 4
  timeoutSeconds: 10
  credentials: { sshKey: { file: tea.key }, knownHosts: { file: tea.hosts } }
---
apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec:
  intervals: { sweepSeconds: 1 }
  server:
    webhooks: [{ name: hook, form: generic, secret: { env: HOOK } }]
`;
}

/** Kills once a call of a kind passes, or after a while. */
export async function killAmid(
  day: Day,
  {
    on,
    delayMs,
    latestMs,
  }: {
    readonly on: 'read' | 'write' | 'answer' | 'any';
    readonly delayMs: number;
    readonly latestMs: number;
  },
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const { wire } = day;
  const fate = wire.fate;
  let isArmed = true;
  const strike = (): void => {
    if (!isArmed) return;
    isArmed = false;
    const kill = (): void => {
      day.kill();
      resolve(undefined);
    };
    if (delayMs === 0) kill();
    else setTimeout(kill, delayMs);
  };
  const isWrite = (route: string): boolean => /\/(create|patch)$/.test(route);
  wire.fate = (call) => {
    if ((on === 'write' || on === 'read') && isWrite(call.route)) strike();
    return fate(call);
  };
  wire.answered = ({ route }) => {
    if (on === 'read' && route.endsWith('releases/get')) strike();
    if (on === 'answer' && isWrite(route)) strike();
  };
  await Promise.race([promise, sleep(on === 'any' ? delayMs : latestMs)]);
  strike();
  await promise;
  wire.fate = fate;
  wire.answered = () => undefined;
  await day.gone();
}
