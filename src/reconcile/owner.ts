import type { DesiredProgram } from '../core/model/desired.ts';

/**
 * Who takes turns for a program: the source whose claim comes first, so that nobody who copies it changes that. What the
 * repositories of a namespace declare is the namespace's: the name of such a source begins with it.
 */
export function ownerOf({ releases, global }: DesiredProgram): string {
  const source = releases[0]?.source ?? global?.source ?? '';
  const end = source.indexOf('/');
  return end < 0 ? source : source.slice(0, end);
}
