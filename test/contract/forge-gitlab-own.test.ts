import { describe, expect, it, onTestFinished } from 'vitest';

import { SecretText } from '../../src/core/words/secret-text.ts';
import type { Forge } from '../../src/ports/forge.ts';
import { openForge, type ForgeCredential } from '../../src/review/forges/index.ts';
import { type GitlabShape, startGitlab } from '../support/forge-shapes/gitlab-shape.ts';
import type { VirtualClock } from '../support/virtual-clock.ts';
import { portsFor, settingsFor, tokenOfOurs } from './forge-stage.ts';

const { signal } = new AbortController();

interface Stage {
  readonly shape: GitlabShape;
  readonly forge: Forge;
  readonly clock: VirtualClock;
  readonly asked: () => readonly string[];
}

async function stage(credential?: ForgeCredential): Promise<Stage> {
  const shape = await startGitlab();
  const ports = portsFor();
  onTestFinished(async () => {
    ports.transport.close();
    await shape.close();
    expect(shape.faults, 'every request and answer is as described').toEqual([]);
  });
  const settings = settingsFor('gitlab', `${shape.url}/gitlab/`, 'acme/shops/wallets');
  const forge = openForge({ ...settings, ...(credential ? { credential } : {}) }, ports);
  const asked = (): readonly string[] =>
    shape.take().map(({ method, path }) => `${method} ${path}`);
  return { shape, forge, clock: ports.clock, asked };
}

describe('GitLab below a path, with groups', () => {
  it('is asked at its own API, with the whole path of the project as one', async () => {
    const { shape, forge, asked } = await stage();
    const { number } = shape.state.openPull({});

    await forge.pull(number, signal);

    expect(asked()).toEqual([
      `GET /gitlab/api/v4/projects/acme%2Fshops%2Fwallets/merge_requests/${number}`,
      'GET /gitlab/api/v4/projects/acme%2Fshops%2Fwallets',
    ]);
  });

  it('costs two requests more once in a process: who we are, and who sees the project', async () => {
    const { shape, forge, asked } = await stage();
    const { number, head } = shape.state.openPull({});
    const review = async (): Promise<void> => {
      const { base } = await forge.pull(number, signal);
      await forge.openPulls(base.branch, signal);
      await forge.ownComment(number, 'marker', signal);
      await forge.statuses(head, signal);
    };

    await review();
    expect(asked()).toHaveLength(6);
    await review();
    expect(asked()).toHaveLength(4);
  });

  it('looks again who sees the project: one made public shows nothing private', async () => {
    const { shape, forge, clock } = await stage();
    const { number } = shape.state.openPull({});
    shape.state.isPrivate = true;
    expect((await forge.pull(number, signal)).isPrivate).toBe(true);

    shape.state.isPrivate = false;
    await clock.advance(6 * 60_000);

    expect((await forge.pull(number, signal)).isPrivate).toBe(false);
  });

  it('knows the base of open ones that were not read one by one', async () => {
    const { shape, forge } = await stage();
    const { number } = shape.state.openPull({});

    const [pull] = await forge.openPulls('main', signal);

    expect(pull).toEqual(await forge.pull(number, signal));
  });

  it('follows pages where only Link names them', async () => {
    const { shape, forge } = await stage();
    const { number } = shape.state.openPull({});
    const link = `<${shape.url}/gitlab/api/v4/projects/acme%2Fshops%2Fwallets/merge_requests?cursor=abc>; rel="next"`;
    const elsewhere = { status: 200, body: [], headers: { link, 'x-next-page': '' } };
    shape.trouble({ at: /target_branch/, how: elsewhere });
    const [body] = await Promise.all([forge.pull(number, signal)]);
    shape.trouble({ at: /cursor=abc/, how: { status: 200, body: [mergeOf(body.head.commit)] } });

    expect((await forge.openPulls('main', signal)).map((pull) => pull.number)).toEqual([7]);
  });
});

function mergeOf(sha: string): object {
  return {
    iid: 7,
    title: 'A change',
    author: { username: 'lab-stranger' },
    state: 'opened',
    source_branch: 'change-7',
    target_branch: 'main',
    source_project_id: 5,
    target_project_id: 5,
    sha,
    updated_at: '2026-11-20T10:00:00Z',
  };
}

describe('a comment on GitLab', () => {
  it('never carries a quick action, which would be done with our rights', async () => {
    const { shape, forge } = await stage();
    const { number } = shape.state.openPull({});

    await forge.putComment(number, undefined, 'a\n/close\n  /merge\nb /close', signal);

    expect(shape.state.comments[0]?.body).toBe('a\n&#47;close\n  &#47;merge\nb /close');
  });
});

describe("the token of a GitLab CI's job", () => {
  const jobToken: ForgeCredential = { kind: 'jobToken', token: new SecretText('token-of-job') };

  it('is told apart before anything is written, with the token to take instead', async () => {
    const { shape, forge, asked } = await stage(jobToken);
    const { number, head } = shape.state.openPull({});
    const status = { context: 'fairlead/plan', state: 'success', description: '' } as const;
    const refused = {
      code: 'ForgeRefused',
      nextStep: 'give a project access token with the role Developer and the scope api',
    };

    await expect(forge.putComment(number, undefined, 'x', signal)).rejects.toMatchObject(refused);
    await expect(forge.putStatus(head, status, signal)).rejects.toMatchObject(refused);
    await expect(forge.ownComment(number, 'x', signal)).rejects.toMatchObject(refused);

    expect(asked()).toEqual([]);
  });

  it('is shown as what it is', async () => {
    const { shape, forge } = await stage(jobToken);

    await expect(forge.pull(7, signal)).rejects.toMatchObject({ code: 'ForgeRefused' });
    expect(shape.take()[0]?.headers).toMatchObject({ 'job-token': 'token-of-job' });
  });
});

describe('a status on GitLab', () => {
  it.each([
    { name: 'its branch', isFork: false, pipeline: undefined, ref: 'change-7' },
    {
      name: 'its merge request',
      isFork: true,
      pipeline: undefined,
      ref: 'refs/merge-requests/7/head',
    },
    {
      name: 'its pipeline',
      isFork: false,
      pipeline: 'refs/merge-requests/7/head',
      ref: 'refs/merge-requests/7/head',
    },
  ])('stands at $name, where it counts', async ({ isFork, pipeline, ref }) => {
    const { shape, forge } = await stage();
    const made = shape.state.openPull({ isFork });
    if (pipeline !== undefined) made.pipeline = pipeline;
    await forge.pull(made.number, signal);
    await forge.openPulls('main', signal);

    await forge.putStatus(
      made.head,
      { context: 'fairlead/plan', state: 'success', description: '' },
      signal,
    );

    expect(shape.state.statuses.map((status) => status.ref)).toEqual([ref]);
  });

  it('is set again where somebody else was at it', async () => {
    const { shape, forge } = await stage();
    const { number, head } = shape.state.openPull({});
    await forge.pull(number, signal);
    shape.trouble({ at: /^POST/, how: { status: 409, body: { message: 'in progress' } } });

    await forge.putStatus(
      head,
      { context: 'fairlead/plan', state: 'success', description: '' },
      signal,
    );

    expect(shape.state.statuses).toHaveLength(1);
  });

  it('that GitLab will not move is fine only if it is the wished one', async () => {
    const { shape, forge } = await stage();
    const { number, head } = shape.state.openPull({});
    await forge.pull(number, signal);
    const how = { status: 400, body: { message: 'Cannot transition status via :run' } };
    await forge.putStatus(
      head,
      { context: 'fairlead/plan', state: 'success', description: '' },
      signal,
    );
    shape.trouble({ at: /^POST/, how, times: 2 });

    await forge.putStatus(
      head,
      { context: 'fairlead/plan', state: 'success', description: '' },
      signal,
    );
    await expect(
      forge.putStatus(
        head,
        { context: 'fairlead/plan', state: 'failure', description: '' },
        signal,
      ),
      'a success that should be a failure must not pass in silence',
    ).rejects.toMatchObject({ code: 'ForgeRefused' });
  });
});

describe('what GitLab has no place for', () => {
  it('asks nothing of it', async () => {
    const { shape, forge, asked } = await stage();
    const pull = await forge.pull(shape.state.openPull({}).number, signal);
    asked();

    await forge.annotate(
      pull,
      [{ file: 'a', line: 1, level: 'error', title: 't', message: 'm' }],
      signal,
    );

    expect(await forge.uploadSarif(pull, '{}', signal)).toBe('unsupported');
    expect(asked()).toEqual([]);
  });
});

describe('the small GitLab of the tests', () => {
  it.each([
    { name: 'an unknown query', path: '/merge_requests?stat=opened', body: undefined },
    {
      name: 'a page of more than a hundred',
      path: '/merge_requests?per_page=101',
      body: undefined,
    },
    { name: 'an unknown route', path: '/pulls', body: undefined },
    { name: 'an unknown member', path: '/merge_requests/7/notes', body: { body: 'x', text: 1 } },
  ])('does not forgive $name', async ({ path, body }) => {
    const shape = await startGitlab();
    onTestFinished(() => shape.close());

    await fetch(`${shape.url}/gitlab/api/v4/projects/acme%2Fshops%2Fwallets${path}`, {
      method: body ? 'POST' : 'GET',
      ...(body ? { body: JSON.stringify(body) } : {}),
      headers: { 'private-token': tokenOfOurs },
    });

    expect(shape.faults).not.toEqual([]);
  });
});
