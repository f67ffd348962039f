import { readFileSync } from 'node:fs';

import { buildSchema, graphqlSync, parse, validate } from 'graphql';

import type { ForgeState, Who } from './forge-state.ts';

const schema = buildSchema(
  readFileSync(new URL('../../fixtures/forges/github.graphql', import.meta.url), 'utf8'),
);

/** Answers queries over the published types, as one who asks with a token would see them. */
export function createGraphql(state: ForgeState, cap: () => number) {
  return (body: unknown, who: Who | undefined, faults: string[]): unknown => {
    const { query, variables, ...rest } = body as {
      readonly query: string;
      readonly variables: Record<string, unknown>;
    };
    faults.push(...Object.keys(rest).map((name) => `GraphQL: unknown member ${name}`));
    const wrong = validate(schema, parse(query));
    faults.push(...wrong.map(({ message }) => `GraphQL: ${message}`));
    if (wrong.length > 0) return { errors: wrong };
    const rootValue = { repository: () => ({ pullRequest: pullRequestOf(state, who, cap) }) };
    const result = graphqlSync({ schema, source: query, variableValues: variables, rootValue });
    if (!result.errors) return result;
    const [error] = result.errors;
    if (error?.message === 'NOT_FOUND')
      return {
        data: { repository: { pullRequest: null } },
        errors: [{ type: 'NOT_FOUND', message: 'Could not resolve' }],
      };
    faults.push(...result.errors.map(({ message }) => `GraphQL: ${message}`));
    return result;
  };
}

function pullRequestOf(state: ForgeState, who: Who | undefined, cap: () => number) {
  return ({ number }: { readonly number: number }) => {
    if (!state.pulls.some((pull) => pull.number === number)) throw new Error('NOT_FOUND');
    const all = state.comments.filter(({ pull }) => pull === number);
    return {
      comments: ({ first, after }: { readonly first: number; readonly after?: string | null }) => {
        const from = after ? Number(after) : 0;
        const until = from + Math.min(first, cap());
        return {
          nodes: all.slice(from, until).map(({ id, author, body }) => ({
            fullDatabaseId: String(id),
            viewerDidAuthor: author === who,
            body,
          })),
          pageInfo: { hasNextPage: until < all.length, endCursor: String(until) },
        };
      },
    };
  };
}
