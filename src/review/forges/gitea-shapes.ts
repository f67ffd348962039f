import { type Static, Type } from 'typebox';

/*
 * What we read of Gitea's answers: nothing more is looked at, and more may be there.
 */

const Text = Type.String();
/** Some accounts of Gitea's own have a negative one. */
const Id = Type.Integer();
const Commit = Type.String({ pattern: '^[0-9a-f]{40,64}$' });

const User = Type.Object({ id: Id, login: Text });
/** Null: a team. */
const Author = Type.Union([User, Type.Null()]);
const Pull = Type.Object({
  number: Type.Integer({ minimum: 1 }),
  title: Text,
  user: Author,
  state: Type.Enum(['open', 'closed']),
  merged: Type.Boolean(),
  updated_at: Text,
  base: Type.Object({
    ref: Text,
    sha: Commit,
    repo_id: Id,
    repo: Type.Object({ private: Type.Boolean() }),
  }),
  head: Type.Object({ ref: Text, sha: Commit, repo_id: Id }),
});
const Comment = Type.Object({ id: Id, body: Text, user: Author });

/** The shapes by name; validators are made from them. */
export const giteaShapes = {
  User,
  Pull,
  Pulls: Type.Array(Pull),
  Comment,
  Comments: Type.Array(Comment),
  /** Null where a commit has none. */
  Statuses: Type.Object({
    statuses: Type.Union([
      Type.Array(Type.Object({ context: Text, status: Text, description: Text })),
      Type.Null(),
    ]),
  }),
  Review: Type.Object({ id: Id }),
  Reviews: Type.Array(
    Type.Object({ id: Id, user: Author, state: Text, body: Text, commit_id: Text }),
  ),
  ReviewComments: Type.Array(Type.Object({ body: Text })),
} as const;

export type GiteaShapes = {
  readonly [K in keyof typeof giteaShapes]: Static<(typeof giteaShapes)[K]>;
};
