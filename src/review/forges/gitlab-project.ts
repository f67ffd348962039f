import { ReconcileError } from '../../core/words/errors.ts';
import { Project, User } from './generated/gitlab.js';
import { gitlabDialect } from './gitlab-dialect.ts';
import { addressesOf } from './shared-addresses.ts';
import { createAsk } from './shared-ask.ts';
import { bodyOf } from './shared-read.ts';
import type { ForgePorts, ForgeSettings } from './shared-settings.ts';
import type { Ask } from './shared-wire.ts';

/** How long a project is taken for private without asking again: one made public must not show what was private. */
const visibilityMs = 5 * 60_000;

/** A project on GitLab and the way to ask for it. */
export interface GitlabProject {
  readonly ask: Ask;
  /** Address of the project within the API. */
  readonly url: string;
  /** Address of the API, without a slash at the end. */
  readonly api: string;
  /** What people open. */
  readonly web: string;
  readonly clock: ForgePorts['clock'];
  /** Number of the account that the token belongs to; asked once. @throws as `ask`; `ForgeRefused` for a job's token */
  readonly ownId: (signal: AbortSignal) => Promise<number>;
  readonly isPrivate: (signal: AbortSignal) => Promise<boolean>;
  /** @throws ReconcileError `ForgeRefused` where the token can write nothing */
  readonly checkCanWrite: (what: string) => void;
  /** What pull requests told about commits, for answers that leave it out. */
  readonly told: Told;
}

interface Told {
  /** By branch: the newest commit of it that an answer named. */
  readonly tips: Map<string, string>;
  /** By head: the ref under which its statuses are kept. */
  readonly refs: Map<string, string>;
}

/** @throws ReconcileError `SettingsInvalid` */
export function gitlabProject(settings: ForgeSettings, ports: ForgePorts): GitlabProject {
  const { credential, deadlineMs } = settings;
  if (credential.kind === 'app')
    throw new ReconcileError('SettingsInvalid', 'GitLab knows no Apps', {
      nextStep: 'give a project access token',
    });
  const { web, api, repository } = addressesOf(settings);
  const ask = createAsk({ ...ports, deadlineMs, dialect: gitlabDialect(credential) });
  const url = `${api}/projects/${encodeURIComponent(repository.join('/'))}`;
  const checkCanWrite = (what: string): void => {
    if (credential.kind === 'jobToken') throw jobTokenRefused(what);
  };
  return {
    ...{ ask, url, api, checkCanWrite, clock: ports.clock },
    web: `${web}/${repository.map(encodeURIComponent).join('/')}`,
    ownId: ownIdOf(ask, api, checkCanWrite),
    isPrivate: privacyOf(ask, url, ports.clock),
    told: { tips: new Map(), refs: new Map() },
  };
}

function jobTokenRefused(what: string): ReconcileError {
  return new ReconcileError('ForgeRefused', `could not ${what}: CI_JOB_TOKEN may not`, {
    nextStep: 'give a project access token with the role Developer and the scope api',
  });
}

function ownIdOf(
  ask: Ask,
  api: string,
  checkCanWrite: GitlabProject['checkCanWrite'],
): GitlabProject['ownId'] {
  let known: number | undefined;
  return async (signal) => {
    const call = {
      method: 'GET',
      url: `${api}/user`,
      what: 'read who the token belongs to',
      needs: 'scope api',
      repeat: 'always',
    } as const;
    checkCanWrite(call.what);
    known ??= bodyOf(User, await ask(call, signal), call).id;
    return known;
  };
}

function privacyOf(ask: Ask, url: string, clock: ForgePorts['clock']): GitlabProject['isPrivate'] {
  let known: { readonly isPrivate: boolean; readonly until: number } | undefined;
  return async (signal) => {
    if (known && clock.mono() < known.until) return known.isPrivate;
    const call = {
      method: 'GET',
      url,
      what: 'read the project',
      needs: 'scope read_api, role Reporter',
      repeat: 'always',
    } as const;
    const { visibility } = bodyOf(Project, await ask(call, signal), call);
    // Internal: everybody with an account sees it.
    known = { isPrivate: visibility === 'private', until: clock.mono() + visibilityMs };
    return known.isPrivate;
  };
}
