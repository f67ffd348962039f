import type { Undeclared } from '../model/controller.ts';
import { plural } from './sentence.ts';

/** `2 programs, 3 releases are no longer declared; left alone` */
export function undeclaredText({ programs, releases }: Undeclared): string {
  const parts = [
    ...(programs > 0 ? [plural(programs, 'program')] : []),
    ...(releases > 0 ? [plural(releases, 'release')] : []),
  ];
  const verb = programs + releases === 1 ? 'is' : 'are';
  return `${parts.join(', ')} ${verb} no longer declared; left alone`;
}
