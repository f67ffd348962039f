import { ReconcileError } from '../../core/words/errors.ts';
import { reveal } from '../../core/words/secret-text.ts';
import { addressesOf } from './shared-addresses.ts';
import { createAsk } from './shared-ask.ts';
import { pagesOf } from './shared-pages.ts';
import { bodyOf } from './shared-read.ts';
import type { ForgeCredential, ForgePorts, ForgeSettings } from './shared-settings.ts';
import { encoded } from './shared-text.ts';
import { User } from './generated/gitea.js';
import type { Ask, Dialect, ForgeAnswer, ForgeCall } from './shared-wire.ts';

/** A repository on Gitea and the way to ask for it. */
export interface GiteaRepository {
  readonly ask: Ask;
  /** Every page of a list. */
  readonly pages: (call: ForgeCall, signal: AbortSignal) => AsyncIterable<ForgeAnswer>;
  /** Number of the account that the token belongs to; asked once. */
  readonly self: (signal: AbortSignal) => Promise<number>;
  readonly owner: string;
  readonly name: string;
  /** What people open. */
  readonly web: string;
  /** Address of the repository within the API. */
  readonly url: string;
  readonly clock: ForgePorts['clock'];
}

/** As many as Gitea gives at once, unless its administrator says otherwise. */
export const pageSize = 50;

/** @throws ReconcileError `SettingsInvalid` */
export function giteaRepository(settings: ForgeSettings, ports: ForgePorts): GiteaRepository {
  const { web, api, repository } = addressesOf(settings);
  const [owner = '', name = ''] = repository;
  const dialect = giteaDialect(settings.credential);
  const ask = createAsk({ ...ports, deadlineMs: settings.deadlineMs, dialect });
  let known: number | undefined;
  return {
    ask,
    // Gitea writes its configured address into `Link`, which need not be the one it is asked at.
    pages: (call, signal) => pagesOf(ask, call, { api, signal, at: 'own' }),
    async self(signal) {
      known ??= await accountOf({ ask, api }, signal);
      return known;
    },
    ...{ owner, name, web, url: `${api}/repos/${encoded(owner)}/${encoded(name)}` },
    clock: ports.clock,
  };
}

async function accountOf(
  { ask, api }: { readonly ask: Ask; readonly api: string },
  signal: AbortSignal,
): Promise<number> {
  const call = {
    method: 'GET',
    url: `${api}/user`,
    what: 'read whose token this is',
    needs: 'read:user',
    repeat: 'always',
  } as const;
  return bodyOf(User, await ask(call, signal), call).id;
}

/** @see https://docs.gitea.com/development/api-usage */
function giteaDialect(credential: ForgeCredential): Dialect {
  if (credential.kind !== 'token')
    throw new ReconcileError('SettingsInvalid', 'Gitea knows no such credential', {
      nextStep: 'give a token: of an account of its own, if you can',
    });
  const { token } = credential;
  return {
    headers: { accept: 'application/json', 'user-agent': 'fairlead' },
    authorize: async () => ({ authorization: `token ${reveal(token)}` }),
    budgetOf: () => 'all',
    isLimit: () => false,
    rights:
      'read:user, write:issue, write:repository, of an account that may write to the repository',
    missingRight: ({ body }) => missingScope(body),
  };
}

/** `token does not have at least one of required scope(s), required=[write:issue], token scope=...` */
function missingScope(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('message' in body)) return undefined;
  const { message } = body;
  if (typeof message !== 'string') return undefined;
  return /\brequired=\[([a-z:, ]{1,200})\]/.exec(message)?.[1];
}
