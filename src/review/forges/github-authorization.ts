import githubAppJwt from 'universal-github-app-jwt';

import { ReconcileError } from '../../core/words/errors.ts';
import { reveal, SecretText } from '../../core/words/secret-text.ts';
import type { Clock } from '../../ports/index.ts';
import { Installation, InstallationToken } from './generated/github.js';
import { bodyOf, momentOf } from './shared-read.ts';
import type { ForgeCredential } from './shared-settings.ts';
import type { Ask, Dialect } from './shared-wire.ts';

type Authorize = Dialect['authorize'];

/** Headers for requests, and the end of them before their time. */
export interface GithubAuthorization {
  readonly authorize: Authorize;
  readonly disown: () => void;
}

const keep = (): void => undefined;

interface Surroundings {
  /** Asks with another proof. */
  readonly askAs: (authorization: GithubAuthorization) => Ask;
  readonly clock: Clock;
  readonly repository: { readonly api: string; readonly url: string; readonly name: string };
  /** What a token is made for; absent: everything the App may. */
  readonly permissions?: Readonly<Record<string, 'read'>>;
}

/** A token is replaced before it ends: a request under way must not lose it. */
const renewBeforeMs = 5 * 60_000;

/**
 * How requests prove who we are: with the token, or with one that is made from an App's key and renewed before its end.
 *
 * @throws ReconcileError `SettingsInvalid`
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
 */
export function githubAuthorization(
  credential: ForgeCredential,
  surroundings: Surroundings,
): GithubAuthorization {
  if (credential.kind === 'token')
    return { authorize: async () => bearer(credential.token), disown: keep };
  if (credential.kind !== 'app')
    throw new ReconcileError('SettingsInvalid', 'GitHub knows no job token of this kind', {
      nextStep: 'give the token of the workflow, or an App',
    });
  const tokens = appTokens(credential, surroundings);
  return {
    authorize: async (signal) => bearer(await tokens.get(surroundings.clock, signal)),
    disown: tokens.forget,
  };
}

type App = Extract<ForgeCredential, { readonly kind: 'app' }>;

/** Tokens of the App's installation, each made when it is needed and kept until shortly before its end. */
export function appTokens(
  credential: App,
  { askAs, clock, repository, permissions }: Surroundings,
): Remembered<SecretText> {
  const proof = async () => bearer(await appProof(credential, clock));
  const ask = askAs({ authorize: proof, disown: keep });
  const installationId = remembered(async (signal) => ({
    value: credential.installationId ?? (await findInstallation(ask, repository.url, signal)),
    until: Infinity,
  }));
  return remembered(async (signal) => {
    const installation = await installationId.get(clock, signal);
    const made = await makeToken(ask, { repository, permissions, installation }, signal);
    return { value: made.token, until: made.endsAt - renewBeforeMs };
  });
}

function bearer(token: SecretText): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${reveal(token)}` };
}

interface Kept<T> {
  readonly value: T;
  /** Wall time, milliseconds. */
  readonly until: number;
}

export interface Remembered<T> {
  readonly get: (clock: Clock, signal: AbortSignal) => Promise<T>;
  readonly forget: () => void;
}

/** The value until its end. Whoever asks waits for those before, so that one is made for all; a failure is not kept. */
function remembered<T>(make: (signal: AbortSignal) => Promise<Kept<T>>): Remembered<T> {
  let last: Promise<Kept<T> | undefined> = Promise.resolve(undefined);
  return {
    get: async (clock, signal) => {
      const kept = last
        .catch(() => undefined)
        .then((known) => (known && known.until > clock.wall() ? known : make(signal)));
      last = kept;
      return (await kept).value;
    },
    forget: () => {
      last = Promise.resolve(undefined);
    },
  };
}

/** Signed for ten minutes. A key that is none says nothing of itself in the error. */
async function appProof({ appId, privateKey }: App, clock: Clock): Promise<SecretText> {
  const now = Math.floor(clock.wall() / 1000);
  try {
    const { token } = await githubAppJwt({ id: appId, privateKey: reveal(privateKey), now });
    return new SecretText(token);
  } catch {
    throw new ReconcileError('SettingsInvalid', "the App's private key cannot be used", {
      nextStep: 'give the PEM file as GitHub made it: RSA, without a passphrase',
    });
  }
}

async function findInstallation(ask: Ask, url: string, signal: AbortSignal): Promise<number> {
  const call = {
    method: 'GET',
    url: `${url}/installation`,
    what: "find the App's installation",
    needs: 'of an installation on this repository',
    repeat: 'always',
  } as const;
  return bodyOf(Installation, await ask(call, signal), call).id;
}

/** Good for the one repository alone, whatever else the App may touch. */
async function makeToken(
  ask: Ask,
  {
    repository: { api, name },
    permissions,
    installation,
  }: Pick<Surroundings, 'repository'> & {
    readonly permissions: Surroundings['permissions'] | undefined;
    readonly installation: number;
  },
  signal: AbortSignal,
): Promise<{ readonly token: SecretText; readonly endsAt: number }> {
  const call = {
    method: 'POST',
    url: `${api}/app/installations/${installation}/access_tokens`,
    body: { repositories: [name], ...(permissions ? { permissions } : {}) },
    what: 'make a token of the App',
    needs: permissions
      ? `${Object.keys(permissions).join(', ')}: read, of an installation on this repository`
      : 'of an installation on this repository',
    // One too many ends by itself.
    repeat: 'always',
  } as const;
  const { token, expires_at } = bodyOf(InstallationToken, await ask(call, signal), call);
  return { token: new SecretText(token), endsAt: momentOf(expires_at, call) };
}
