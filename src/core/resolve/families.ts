import type { ProgramId } from '../words/keys.ts';
import type { DeclaredProgram, Home } from './homes.ts';
import type { Entry, SourceIndex } from './index-source.ts';

/** A program as one source declares it, with the releases of that source that name it. */
export interface Member {
  readonly index: SourceIndex;
  readonly program: DeclaredProgram;
  /** In the order of document ids. */
  readonly releases: readonly Entry[];
}

/**
 * Programs grouped by the consoles they share, directly or by way of others: no claim reaches out of its group, so that
 * groups can be resolved one after the other and little is held at a time.
 *
 * @returns groups in the order of their first members; members in their own order
 */
export function familiesOf(members: readonly Member[]): readonly (readonly Member[])[] {
  // Each member points to an earlier one of its family, the first to itself.
  const elders = members.map((_, position) => position);
  const eldest = (position: number): number => {
    let [found, elder] = [position, elders[position] ?? position];
    while (elder !== found) [found, elder] = [elder, elders[elder] ?? elder];
    return found;
  };
  const firstAt = new Map<ProgramId, number>();
  members.forEach(({ program }, position) => {
    for (const { id } of program.homes) {
      const [a, b] = [eldest(firstAt.get(id) ?? position), eldest(position)];
      elders[Math.max(a, b)] = Math.min(a, b);
      if (!firstAt.has(id)) firstAt.set(id, position);
    }
  });
  const families = new Map<number, Member[]>();
  members.forEach((member, position) => {
    const head = eldest(position);
    const family = families.get(head);
    if (family === undefined) families.set(head, [member]);
    else family.push(member);
  });
  return [...families.values()];
}

/** The consoles of a family, in the order of its members. */
export function homesOf(family: readonly Member[]): Home[] {
  return family.flatMap(({ program }) => program.homes);
}
