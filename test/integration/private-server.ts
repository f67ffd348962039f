import { createServer, type Server } from 'node:http';

import type {
  PrivateProgram,
  PrivateRelease,
  Settings,
} from '../../examples/adapter/private-api.ts';

/** What the private API of the worked example holds, and what it was asked. */
export interface PrivateWorld {
  readonly programs: PrivateProgram[];
  readonly releases: PrivateRelease[];
  readonly calls: string[];
}

const apps = [
  { app: 'megapay', environments: ['Production', 'Sandbox'], environmentVariables: true },
];

/** The private API of the worked example: GET, POST and PUT, and no condition on anything. */
export function createPrivateServer(world: PrivateWorld, token: string): Server {
  const routes: readonly [RegExp, (id: string, body: never) => unknown][] = [
    [/^GET \/programs$/, () => world.programs],
    [/^GET \/programs\/(\w+)\/versions$/, () => ['2.4.0', '2.5.0']],
    [/^GET \/programs\/(\w+)\/defaults$/, (id) => programOf(world, id).defaults],
    [/^PUT \/programs\/(\w+)\/defaults$/, (id, body) => replaceDefaults(world, id, body)],
    [/^GET \/apps$/, () => apps],
    [/^GET \/releases$/, () => world.releases],
    [/^POST \/releases$/, (_, body) => addRelease(world, body)],
    [/^GET \/releases\/(\d+)\/settings$/, (id) => releaseOf(world, id).settings],
    [/^PUT \/releases\/(\d+)\/settings$/, (id, body) => replaceSettings(world, id, body)],
  ];
  return createServer((request, response) => {
    void request.toArray().then((chunks) => {
      const line = `${request.method} ${request.url}`;
      world.calls.push(line);
      if (request.headers.authorization !== `Bearer ${token}`) return response.writeHead(401).end();
      const route = routes.find(([pattern]) => pattern.test(line));
      if (!route) return response.writeHead(404).end();
      const [pattern, perform] = route;
      const text = Buffer.concat(chunks).toString();
      const body = (text === '' ? undefined : JSON.parse(text)) as never;
      return response.end(JSON.stringify(perform(pattern.exec(line)?.[1] ?? '', body)));
    });
  });
}

function programOf({ programs }: PrivateWorld, id: string): PrivateProgram {
  const found = programs.find((program) => program.id === id);
  if (!found) throw new Error(`no program ${id}`);
  return found;
}

function releaseOf({ releases }: PrivateWorld, id: string): PrivateRelease {
  const found = releases.find((release) => String(release.id) === id);
  if (!found) throw new Error(`no release ${id}`);
  return found;
}

function addRelease(world: PrivateWorld, body: object): PrivateRelease {
  const id = world.releases.length + 1;
  const state = { id, status: 'NewVersionCreated', changes: 1, testQrCode: `qr-${id}-1` };
  const release = { ...body, ...state } as unknown as PrivateRelease;
  world.releases.push(release);
  return release;
}

/** Also what a person does by hand. */
export function replaceSettings(
  world: PrivateWorld,
  id: string,
  settings: Settings,
): PrivateRelease {
  const before = releaseOf(world, id);
  const changes = before.changes + 1;
  const after = { ...before, settings, changes, testQrCode: `qr-${id}-${changes}` };
  world.releases[world.releases.indexOf(before)] = after;
  return after;
}

function replaceDefaults(world: PrivateWorld, id: string, defaults: Settings): PrivateProgram {
  const before = programOf(world, id);
  const after = { ...before, defaults, changes: before.changes + 1 };
  world.programs[world.programs.indexOf(before)] = after;
  return after;
}
