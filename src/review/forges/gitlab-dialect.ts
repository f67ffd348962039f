import { reveal } from '../../core/words/secret-text.ts';
import type { ForgeCredential } from './shared-settings.ts';
import type { Dialect } from './shared-wire.ts';

type Token = Extract<ForgeCredential, { readonly kind: 'token' | 'jobToken' }>;

/**
 * GitLab on the wire.
 *
 * @see https://docs.gitlab.com/api/rest/authentication/
 */
export function gitlabDialect({ kind, token }: Token): Dialect {
  const header = kind === 'jobToken' ? 'job-token' : 'private-token';
  return {
    headers: { accept: 'application/json', 'user-agent': 'fairlead' },
    authorize: async () => ({ [header]: reveal(token) }),
    budgetOf: () => 'api',
    // 429 is the only form.
    isLimit: () => false,
    // Two writers of one commit's statuses: the other one is done in a moment.
    isPassing: ({ status }) => status === 409,
    rights: 'scope api, role Developer',
    missingRight: () => undefined,
  };
}
