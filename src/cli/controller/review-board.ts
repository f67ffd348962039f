import type { ControllerStatus, ReviewsStatus } from '../../core/model/controller.ts';
import type { StatusBoard } from '../../ports/controller.ts';

/** A board on which reviews say how they stand, beside what the loop says of their source. */
export interface ReviewBoard extends StatusBoard {
  readonly tell: (source: string, reviews: ReviewsStatus) => void;
}

export function withReviews(board: StatusBoard): ReviewBoard {
  const reviews = new Map<string, ReviewsStatus>();
  let make: (() => ControllerStatus) | undefined;

  function show(): void {
    const said = make;
    if (said) board.changed(() => joined(said(), reviews));
  }

  return {
    changed(status) {
      make = status;
      show();
    },
    tell(source, status) {
      reviews.set(source, status);
      show();
    },
  };
}

function joined(
  status: ControllerStatus,
  reviews: ReadonlyMap<string, ReviewsStatus>,
): ControllerStatus {
  if (reviews.size === 0) return status;
  return {
    ...status,
    sources: status.sources.map((source) => {
      const own = reviews.get(source.name);
      return own ? { ...source, reviews: own } : source;
    }),
  };
}
