import { addressesOf } from './shared-addresses.ts';
import {
  appTokens,
  githubAuthorization,
  type GithubAuthorization,
} from './github-authorization.ts';
import { githubDialect } from './github-dialect.ts';
import { createAsk } from './shared-ask.ts';
import type { SecretText } from '../../core/words/secret-text.ts';
import type { ForgePorts, ForgeSettings } from './shared-settings.ts';
import { encoded } from './shared-text.ts';
import type { Ask } from './shared-wire.ts';

/** A repository on GitHub and the way to ask for it. */
export interface GithubRepository {
  readonly ask: Ask;
  readonly owner: string;
  readonly name: string;
  /** What people open. */
  readonly web: string;
  /** Address of the API, without a slash at the end. */
  readonly api: string;
  /** Address of the repository within the API. */
  readonly url: string;
  /** Where GraphQL is asked. */
  readonly graphql: string;
  readonly clock: ForgePorts['clock'];
}

/** @throws ReconcileError `SettingsInvalid` */
export function githubRepository(settings: ForgeSettings, ports: ForgePorts): GithubRepository {
  const { web, api, owner, name, url, plain, surroundings } = placeOf(settings, ports);
  const authorization = githubAuthorization(settings.credential, surroundings);
  return {
    ask: createAsk({ ...plain, dialect: githubDialect(authorization) }),
    ...{ owner, name, web, api, url },
    // https://HOST/api/v3 has it beside, at /api/graphql. @see GitHub Enterprise Server, "Forming calls with GraphQL"
    graphql: `${api.replace(/\/api\/v3$/, '/api')}/graphql`,
    clock: ports.clock,
  };
}

/**
 * Tokens of an App for git: each can read the contents of the one repository, and nothing else.
 *
 * @returns undefined for any other credential
 * @throws ReconcileError `SettingsInvalid`; each token: `ForgeUnavailable`, `ForgeRefused`, `ForgeNotFound`
 */
export function githubGitTokens(
  settings: ForgeSettings,
  ports: ForgePorts,
): ((signal: AbortSignal) => Promise<SecretText>) | undefined {
  const { credential } = settings;
  if (credential.kind !== 'app') return undefined;
  const { surroundings } = placeOf(settings, ports);
  const tokens = appTokens(credential, { ...surroundings, permissions: { contents: 'read' } });
  return (signal) => tokens.get(ports.clock, signal);
}

function placeOf(settings: ForgeSettings, ports: ForgePorts) {
  const { web, api, repository } = addressesOf(settings);
  const [owner = '', name = ''] = repository;
  const url = `${api}/repos/${encoded(owner)}/${encoded(name)}`;
  const plain = { ...ports, deadlineMs: settings.deadlineMs };
  const surroundings = {
    // As the App itself: to make tokens, never to touch the repository.
    askAs: (proof: GithubAuthorization) => createAsk({ ...plain, dialect: githubDialect(proof) }),
    clock: ports.clock,
    repository: { api, url, name },
  };
  return { ...{ web, api, owner, name, url, plain }, surroundings };
}
