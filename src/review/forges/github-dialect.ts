import type { GithubAuthorization } from './github-authorization.ts';
import type { Dialect, ForgeAnswer } from './shared-wire.ts';

/**
 * GitHub on the wire.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export function githubDialect({ authorize, disown }: GithubAuthorization): Dialect {
  return {
    headers: {
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      // GitHub answers nobody who says no name.
      'user-agent': 'fairlead',
    },
    authorize,
    disown,
    budgetOf: (url) => (url.endsWith('/graphql') ? 'graphql' : 'core'),
    isLimit: (answer) => isRestLimit(answer) || isGraphqlLimit(answer),
    isPassing: isGraphqlTrouble,
    rights: 'Contents: read, Pull requests: write, Commit statuses: write, Checks: write',
    missingRight: ({ headers }) => {
      const accepted = headers['x-accepted-github-permissions'];
      if (accepted === undefined || !/^[\w=,; ]{1,200}$/.test(accepted)) return undefined;
      return accepted.replaceAll(';', ' or').replaceAll('=', ': ');
    },
  };
}

/** 403 means a missing right, or one of two limits: the hourly one, or too much at once. */
function isRestLimit({ status, headers, body }: ForgeAnswer): boolean {
  if (status !== 403) return false;
  if (headers['retry-after'] !== undefined) return true;
  return headers['x-ratelimit-remaining'] === '0' || isSecondary(body);
}

/** The secondary limit has nothing but its text and the page it points at. */
function isSecondary(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  const texts: readonly unknown[] = [
    'message' in body ? body.message : undefined,
    'documentation_url' in body ? body.documentation_url : undefined,
  ];
  return texts.some((text) => typeof text === 'string' && /secondary[ -]rate[ -]limit/i.test(text));
}

/** GraphQL says it with status 200. */
function isGraphqlLimit({ status, body }: ForgeAnswer): boolean {
  return status === 200 && graphqlErrors(body).some((type) => /^RATE_LIMIT(?:ED)?$/.test(type));
}

const lasting = new Set(['NOT_FOUND', 'FORBIDDEN', 'INSUFFICIENT_SCOPES']);

/** Something went wrong inside: GraphQL says that with status 200, too. */
function isGraphqlTrouble({ status, body }: ForgeAnswer): boolean {
  const types = graphqlErrors(body);
  return status === 200 && types.length > 0 && !types.some((type) => lasting.has(type));
}

/** Types of the errors of a GraphQL answer, `''` for one without; empty for an answer without errors. */
export function graphqlErrors(body: unknown): readonly string[] {
  if (typeof body !== 'object' || body === null || !('errors' in body)) return [];
  if (!Array.isArray(body.errors)) return [''];
  return body.errors.map((error: unknown) =>
    typeof error === 'object' && error !== null && 'type' in error && typeof error.type === 'string'
      ? error.type
      : '',
  );
}
