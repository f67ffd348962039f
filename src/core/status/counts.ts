import type { MiniProgramReleaseStatus } from '../kinds/object-status.ts';
import type { View } from './view.ts';

type Counts = NonNullable<MiniProgramReleaseStatus['counts']>;

/** How many targets are how far. What policy leaves is done and held at once; what is being written is none of them. */
export function countsOf(views: readonly View[]): Required<Counts> {
  const count = (...wanted: readonly View['standing'][]) =>
    views.filter(({ standing }) => wanted.includes(standing)).length;
  return {
    targets: views.length,
    done: count('done', 'left'),
    waiting: count('waiting'),
    blocked: count('blocked'),
    held: count('held', 'left', 'suspended'),
    failed: count('failed'),
  };
}

/** `3/4`. */
export function progressOf({ done, targets }: Required<Counts>): string {
  return `${done}/${targets}`;
}
