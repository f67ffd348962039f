import { type Static, Type } from 'typebox';

/*
 * What we read of GitLab's answers: nothing more is looked at, and more may be there.
 */

const Text = Type.String();
const Whole = Type.Integer({ minimum: 0 });
const Commit = Type.String({ pattern: '^[0-9a-f]{40,64}$' });

const merge = {
  iid: Whole,
  title: Text,
  author: Type.Object({ username: Text }),
  state: Type.Enum(['opened', 'closed', 'locked', 'merged']),
  source_branch: Text,
  target_branch: Text,
  /** Null: the fork is gone. */
  source_project_id: Type.Union([Whole, Type.Null()]),
  target_project_id: Whole,
  sha: Commit,
  updated_at: Text,
} as const;

/** The shapes by name; validators are made from them. */
export const gitlabShapes = {
  MergeRequest: Type.Object({
    ...merge,
    /** `start_sha`: the target branch when the changes were last compared with it. */
    diff_refs: Type.Object({ start_sha: Commit }),
    /** Absent for who may not see pipelines; of merged results it has another commit. */
    head_pipeline: Type.Optional(Type.Union([Type.Object({ sha: Text, ref: Text }), Type.Null()])),
  }),
  /** A list leaves out what the changes were compared with. */
  MergeRequests: Type.Array(Type.Object(merge)),
  Branch: Type.Object({ commit: Type.Object({ id: Commit }) }),
  Project: Type.Object({ visibility: Type.Enum(['private', 'internal', 'public']) }),
  User: Type.Object({ id: Whole }),
  Note: Type.Object({ id: Whole, body: Text }),
  Notes: Type.Array(
    Type.Object({
      id: Whole,
      body: Text,
      author: Type.Object({ id: Whole }),
    }),
  ),
  Statuses: Type.Array(
    Type.Object({
      id: Whole,
      name: Text,
      status: Text,
      description: Type.Union([Text, Type.Null()]),
    }),
  ),
} as const;

export type GitlabShapes = {
  readonly [K in keyof typeof gitlabShapes]: Static<(typeof gitlabShapes)[K]>;
};
