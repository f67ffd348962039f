import { type Static, Type } from 'typebox';

/*
 * What we read of GitHub's answers: nothing more is looked at, and more may be there.
 */

const Text = Type.String();
const Whole = Type.Integer({ minimum: 0 });
const Commit = Type.String({ pattern: '^[0-9a-f]{40,64}$' });

const Repository = Type.Object({ id: Whole, private: Type.Boolean() });
const Pull = Type.Object({
  number: Whole,
  title: Text,
  /** Null: the account is gone. */
  user: Type.Union([Type.Object({ login: Text }), Type.Null()]),
  state: Type.Enum(['open', 'closed']),
  merged_at: Type.Union([Text, Type.Null()]),
  updated_at: Text,
  base: Type.Object({ ref: Text, sha: Commit, repo: Repository }),
  /** `repo` is null where the fork is gone. */
  head: Type.Object({
    ref: Text,
    sha: Commit,
    repo: Type.Union([Type.Object({ id: Whole }), Type.Null()]),
  }),
});
const Comment = Type.Object({ id: Whole, body: Text });

/** The shapes by name; validators are made from them. */
export const githubShapes = {
  Pull,
  Pulls: Type.Array(Pull),
  Comment,
  /** Of a GraphQL answer: `data` is null where `errors` say why. */
  Comments: Type.Object({
    data: Type.Object({
      repository: Type.Object({
        pullRequest: Type.Object({
          comments: Type.Object({
            nodes: Type.Array(
              Type.Object({ fullDatabaseId: Text, viewerDidAuthor: Type.Boolean(), body: Text }),
            ),
            pageInfo: Type.Object({
              hasNextPage: Type.Boolean(),
              endCursor: Type.Union([Text, Type.Null()]),
            }),
          }),
        }),
      }),
    }),
  }),
  Statuses: Type.Object({
    statuses: Type.Array(
      Type.Object({
        context: Text,
        state: Type.Enum(['error', 'failure', 'pending', 'success']),
        description: Type.Union([Text, Type.Null()]),
      }),
    ),
  }),
  CheckRuns: Type.Object({
    check_runs: Type.Array(
      Type.Object({
        id: Whole,
        status: Text,
        external_id: Type.Union([Text, Type.Null()]),
        output: Type.Object({ annotations_count: Whole }),
      }),
    ),
  }),
  CheckRun: Type.Object({ id: Whole, output: Type.Object({ annotations_count: Whole }) }),
  Installation: Type.Object({ id: Whole }),
  InstallationToken: Type.Object({ token: Type.String({ minLength: 1 }), expires_at: Text }),
} as const;

export type GithubShapes = {
  readonly [K in keyof typeof githubShapes]: Static<(typeof githubShapes)[K]>;
};
