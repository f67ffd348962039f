import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';

import { forgeAccess } from '../../../src/cli/composition/forge-credential.ts';
import { readEvent } from '../../../src/cli/composition/forge-event.ts';
import { forgePlace, type Variables } from '../../../src/cli/composition/forge-place.ts';
import { reveal } from '../../../src/core/words/secret-text.ts';

const nothing = { url: undefined, repository: undefined, pull: undefined };

const github = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_API_URL: 'https://api.github.com',
  GITHUB_REPOSITORY: 'acme/coffee',
  GITHUB_REF: 'refs/pull/7/merge',
};
const gitlab = {
  CI_SERVER_URL: 'https://git.acme.example/',
  CI_API_V4_URL: 'https://git.acme.example/api/v4',
  CI_PROJECT_PATH: 'acme/apps/coffee',
  CI_MERGE_REQUEST_IID: '7',
};

describe('which pull request is meant', () => {
  it.each([
    {
      name: 'GitHub Actions',
      forge: 'github',
      variables: github,
      event: { pull_request: { number: 8 } },
      expected: {
        ...{ webUrl: 'https://github.com', apiUrl: 'https://api.github.com', isOwn: true },
        ...{ repository: 'acme/coffee', pull: 8 },
      },
    },
    {
      name: 'GitHub Actions without an event file, by its ref',
      forge: 'github',
      variables: github,
      event: undefined,
      expected: { pull: 7 },
    },
    {
      name: 'a comment on a pull request',
      forge: 'github',
      variables: { ...github, GITHUB_REF: 'refs/heads/main' },
      event: { issue: { number: 9, pull_request: {} } },
      expected: { pull: 9 },
    },
    {
      name: 'GitLab CI',
      forge: 'gitlab',
      variables: gitlab,
      event: undefined,
      expected: {
        webUrl: 'https://git.acme.example',
        apiUrl: 'https://git.acme.example/api/v4',
        ...{ repository: 'acme/apps/coffee', pull: 7, isOwn: true },
      },
    },
    {
      name: 'Gitea Actions, in words of GitHub',
      forge: 'gitea',
      variables: {
        ...github,
        ...{ GITHUB_SERVER_URL: 'https://gitea.acme.example', GITHUB_API_URL: '' },
      },
      event: { number: 5 },
      expected: { webUrl: 'https://gitea.acme.example', apiUrl: undefined, pull: 5 },
    },
    {
      name: 'Forgejo, whose own words come first',
      forge: 'gitea',
      variables: { ...github, FORGEJO_SERVER_URL: 'https://forgejo.acme.example' },
      event: undefined,
      expected: { webUrl: 'https://forgejo.acme.example' },
    },
  ])('$name', ({ forge, variables, event, expected }) => {
    expect(forgePlace({ forge, ...nothing }, variables, event)).toMatchObject(expected);
  });

  it('is what was given, whatever the CI says', () => {
    const given = {
      forge: 'github',
      url: 'https://ghe.acme.example/',
      repository: 'a/b',
      pull: '3',
    };

    expect(forgePlace(given, github, { number: 8 })).toEqual({
      ...{ name: 'github', webUrl: 'https://ghe.acme.example', apiUrl: undefined },
      ...{ repository: 'a/b', pull: 3, isOwn: false },
    });
  });

  it.each([
    { name: 'an unknown forge', given: { forge: 'bitbucket' }, variables: github },
    { name: 'no address', given: { forge: 'gitea' }, variables: { GITHUB_REPOSITORY: 'a/b' } },
    {
      name: 'an address with a password',
      given: { forge: 'gitea', url: 'https://me:canary@gitea.example' },
      variables: github,
    },
    {
      name: 'an address that is none',
      given: { forge: 'gitea', url: 'ftp://x' },
      variables: github,
    },
    { name: 'no repository', given: { forge: 'github' }, variables: {} },
    {
      name: 'a path for a repository',
      given: { forge: 'github', repository: 'a/../b' },
      variables: github,
    },
    { name: 'no number', given: { forge: 'github' }, variables: { ...github, GITHUB_REF: '' } },
    { name: 'a number that is none', given: { forge: 'github', pull: '7; x' }, variables: github },
  ])('$name is refused', ({ given, variables }) => {
    const refused = expect(() => forgePlace({ ...nothing, ...given }, variables, undefined));

    refused.toThrow(expect.objectContaining({ code: 'Usage' }));
    refused.not.toThrow(/canary/);
  });

  it.each([
    {
      name: 'another spelling',
      given: { forge: 'Forgejo' },
      variables: github,
      why: 'it is known under another name',
      nextStep: /^say --forge gitea$/,
    },
    {
      name: 'everything',
      given: { forge: 'github' },
      variables: {},
      why: 'one thing after the other would take three runs',
      nextStep: /--repo OWNER\/NAME and --pull NUMBER/,
    },
    {
      name: 'the number',
      given: { forge: 'github' },
      variables: { ...github, GITHUB_REF: '' },
      why: 'the event of the job may be the wrong one',
      nextStep: /give --pull NUMBER; .*on pull_request/,
    },
    {
      name: 'TLS',
      given: { forge: 'gitea', url: 'http://git.example.com', repository: 'a/b', pull: '3' },
      variables: {},
      why: 'a token would go in the clear',
      nextStep: /https address with --forge-url/,
    },
  ])('says what to do where $name is missing: $why', ({ given, variables, nextStep }) => {
    expect(() => forgePlace({ ...nothing, ...given }, variables, undefined)).toThrow(
      expect.objectContaining({
        code: 'Usage',
        nextStep: expect.stringMatching(nextStep) as unknown,
      }),
    );
  });

  it('an event file that cannot be read is none', async () => {
    expect(await readEvent({ GITHUB_EVENT_PATH: '/nowhere/event.json' })).toBeUndefined();
    expect(await readEvent({})).toBeUndefined();
  });
});

describe('which token is used', () => {
  const own = forgePlace({ forge: 'github', ...nothing }, github, undefined);
  const strange = { ...own, webUrl: 'https://evil.example', isOwn: false };
  const tokenOf = async (place: typeof own, variables: Variables) => {
    const { credential } = await forgeAccess(place, variables, '/checkout');
    return credential.kind === 'app' ? 'app' : reveal(credential.token);
  };

  it('that of Fairlead first, else the own one of the CI', async () => {
    const both = { FAIRLEAD_FORGE_TOKEN: 'first', GITHUB_TOKEN: 'second' };

    expect(await tokenOf(own, both)).toBe('first');
    expect(await tokenOf(own, { GITHUB_TOKEN: 'second' })).toBe('second');
    expect(await tokenOf(strange, both)).toBe('first');
  });

  it('the token of the CI goes to its own forge and to no other', async () => {
    await expect(tokenOf(strange, { GITHUB_TOKEN: 'second' })).rejects.toMatchObject({
      code: 'ForgeTokenMissing',
    });
  });

  it('the token of a GitLab job is known for what it is', async () => {
    const place = forgePlace({ forge: 'gitlab', ...nothing }, gitlab, undefined);
    const { credential } = await forgeAccess(place, { CI_JOB_TOKEN: 'job' }, '/checkout');

    expect(credential.kind).toBe('jobToken');
  });

  it('a GitHub App by the file of its key, which may not lie in the checkout', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'fairlead-key-'));
    onTestFinished(async () => rm(dir, { recursive: true }));
    const file = join(dir, 'app.pem');
    await writeFile(file, 'key');
    const variables = { FAIRLEAD_FORGE_APP_ID: '1', FAIRLEAD_FORGE_APP_KEY_FILE: file };

    expect(await tokenOf(own, variables)).toBe('app');
    await expect(forgeAccess(own, variables, dir)).rejects.toMatchObject({
      code: 'SettingsInCheckout',
    });
    await expect(
      forgeAccess(own, { FAIRLEAD_FORGE_APP_ID: '1' }, '/checkout'),
    ).rejects.toMatchObject({ code: 'Usage' });
  });

  it('cannot be printed', async () => {
    const access = await forgeAccess(own, { FAIRLEAD_FORGE_TOKEN: 'canary-token' }, '/checkout');

    expect(JSON.stringify(access) + inspect(access)).not.toContain('canary');
  });
});
