import { chmod, mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';

import { createPlace, type Place, type Ran } from '../../support/cli.ts';
import { coffee } from '../../support/cli-world.ts';
import { findLeaks } from '../../support/leaks.ts';

const exec = promisify(execFile);
const token = 'canary-token-6f0d1c2b9a';
const secrets = { token };

/** Writes down what git is started with, words and environment. */
const recordingGit = `#!/bin/bash
here="$(dirname "$(dirname "$0")")"
printf '%s\\n' "$*" >> "$here/argv.log"
PATH="\${PATH#*:}" exec git "$@"
`;

interface Stage {
  readonly place: Place;
  readonly asked: string[];
  readonly review: (
    given?: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<Ran & { readonly argv: string }>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A forge that sends back whatever it was sent. */
async function stage(answer: Answer): Promise<Stage> {
  const place = await createPlace();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url ?? ''} ${request.headers.authorization ?? ''}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  await mkdir(place.path('repo'));
  const git = async (...args: readonly string[]) =>
    exec('git', [...args], { cwd: place.path('repo'), env: place.env });
  await git('init', '-q', '-b', 'main');
  await place.write('repo/coffee.yaml', coffee);
  await git('add', '.');
  await git('commit', '-qm', 'first');
  await place.write('bin/git', recordingGit);
  await chmod(place.path('bin/git'), 0o755);
  const { built } = await import('../../support/built.ts');
  return {
    place,
    asked,
    review: async (given = [], env = {}) => {
      const args = ['review', '--forge', 'gitea', '--forge-url', url, '--repo', 'acme/coffee'];
      const ran = await place.run([], {
        program: [
          'sh',
          '-c',
          'cd repo && exec "$@"',
          'sh',
          process.execPath,
          built().cli,
          ...args,
          '--pull',
          '7',
          '--log-level',
          'trace',
          ...given,
        ],
        env: {
          PATH: `${place.path('bin')}:${place.env['PATH'] ?? ''}`,
          FAIRLEAD_FORGE_TOKEN: token,
          ...env,
        },
      });
      const argv = await place.read('argv.log').catch(() => '');
      return { ...ran, argv };
    },
  };
}

function leaksIn(ran: Ran & { readonly argv: string }) {
  return findLeaks(
    new Map([
      ['stdout', Buffer.from(ran.stdout)],
      ['stderr', Buffer.from(ran.stderr)],
      ['argv of git', Buffer.from(ran.argv)],
    ]),
    secrets,
  );
}

/** Everything it was told, in every place where an answer is read. */
function echo(request: IncomingMessage, status: number): Answer {
  return (_, response) => {
    const said = request.headers.authorization ?? '';
    response.writeHead(status, { 'content-type': 'application/json', 'x-said': said });
    response.end(JSON.stringify({ message: said, errors: [said], url: said, number: 7 }));
  };
}

describe('the token of a forge', () => {
  it.each([401, 403, 404, 422, 200])(
    'stands in no output, whatever the forge says with %i',
    async (status) => {
      const { review, asked } = await stage((request, response) => {
        echo(request, status)(request, response);
      });

      const runs = [await review(), await review(['-o', 'json'])];

      expect(asked.join()).toContain(token);
      for (const ran of runs) {
        expect(ran.code).toBe(1);
        expect(leaksIn(ran)).toEqual([]);
      }
    },
    120_000,
  );

  it('stands in no argument of git when a head is fetched, and git sends it', async () => {
    const user = { id: 1, login: 'bot' };
    const repository = { repo_id: 1, repo: { private: false } };
    const pull = {
      ...{ number: 7, title: 'x', state: 'open', merged: false, user: { id: 2, login: 'ben' } },
      updated_at: '2026-11-22T10:00:00Z',
      base: { ref: 'main', sha: '1'.repeat(40), ...repository },
      head: { ref: 'topic', sha: '2'.repeat(40), ...repository },
    };
    const { review, asked } = await stage((request, response) => {
      const path = request.url ?? '';
      if (/\.git\//.test(path)) {
        echo(request, 403)(request, response);
        return;
      }
      response.writeHead(200, { 'content-type': 'application/json' });
      const [, answer = []] =
        Object.entries({ '/pulls/7': pull, '/status': { statuses: [] }, '/user': user }).find(
          ([end]) => path.split('?')[0]?.endsWith(end),
        ) ?? [];
      response.end(JSON.stringify(answer));
    });

    const ran = await review();

    const encoded = Buffer.from(`git:${token}`).toString('base64');
    expect(asked.filter((line) => line.includes('.git/')).join(), ran.stderr).toContain(encoded);
    expect(ran.argv).toContain('fetch');
    expect(ran.code).toBe(1);
    expect(leaksIn(ran)).toEqual([]);
  }, 120_000);

  it('of the CI is not sent to a forge that is not its own', async () => {
    const { review, asked } = await stage((request, response) => {
      echo(request, 401)(request, response);
    });

    const ran = await review([], {
      FAIRLEAD_FORGE_TOKEN: '',
      GITHUB_TOKEN: token,
      GITHUB_SERVER_URL: 'https://github.com',
    });

    expect(ran.code).toBe(1);
    expect(asked).toEqual([]);
    expect(ran.stderr).toContain('FAIRLEAD_FORGE_TOKEN');
  }, 120_000);
});
