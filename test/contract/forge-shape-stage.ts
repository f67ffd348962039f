import type { ForgeState, StatePull } from '../support/forge-shapes/forge-state.ts';
import type { ShapeServer } from '../support/forge-shapes/shape-server.ts';
import type { ForgeStage } from './forge-stage.ts';

/** A small forge as a stage of the contract. */
export function shapeStage(
  shape: ShapeServer & { readonly state: ForgeState; cap: number },
  { settings, stranger }: Pick<ForgeStage, 'settings' | 'stranger'>,
): ForgeStage {
  const { state } = shape;
  const known = (number: number): StatePull => {
    const pull = state.pulls.find((one) => one.number === number);
    if (!pull) throw new Error(`no pull request ${number}`);
    return pull;
  };
  return {
    ...{ settings, stranger },
    openPull: async (wanted = {}) => state.openPull(wanted),
    push: async (number) => {
      known(number).head = state.commit();
      return known(number).head;
    },
    end: async (number, how) => {
      known(number).state = how;
    },
    makePrivate: async () => {
      state.isPrivate = true;
    },
    commentAs: async (author, pull, body) => {
      const id = state.nextId();
      state.comments.push({ id, pull, author, body });
      return String(id);
    },
    deleteComment: async (id) => {
      state.comments = state.comments.filter((comment) => String(comment.id) !== id);
    },
    comments: async (number) =>
      state.comments
        .filter(({ pull }) => pull === number)
        .map(({ id, author, body }) => ({ id: String(id), author, body })),
    statusOfOthers: async (commit, context) => {
      const id = state.nextId();
      state.statuses.push({ id, commit, context, state: 'success', description: 'done' });
    },
    statusCount: async (commit, context) =>
      state.statuses.filter((status) => status.commit === commit && status.context === context)
        .length,
    capPages: async (most) => {
      shape.cap = most;
    },
    trouble: (trouble) => {
      shape.trouble(trouble);
    },
    take: () => shape.take(),
    faults: () => shape.faults,
    close: () => shape.close(),
  };
}
