import type { SourceDocuments } from '../core/model/documents.ts';
import { programShape, releaseHead, releaseShape } from '../core/resolve/shape.ts';

type Named = Readonly<{ kind: string; name: string; value: unknown }>;

/**
 * How many release keys these documents come to at most, counted before anything is resolved: a program of 256 targets
 * and 4,000 releases that select them fit into a few hundred kilobytes.
 *
 * Counted with what is invalid, which keeps its claims, and with every program of the name that a release says.
 */
export function releasesAtMost(sources: readonly SourceDocuments[]): number {
  return sources.reduce((sum, source) => sum + ofSource(source), 0);
}

function ofSource({ documents, invalid }: SourceDocuments): number {
  const all: readonly Named[] = [...documents, ...invalid];
  const standing = new Map<string, number>();
  for (const { kind, name, value } of all)
    if (kind === 'MiniProgram')
      standing.set(name, (standing.get(name) ?? 0) + programShape(value).targets.length);
  return all
    .filter(({ kind }) => kind === 'MiniProgramRelease')
    .reduce((sum, { value }) => sum + ofRelease(value, standing), 0);
}

function ofRelease(value: unknown, standing: ReadonlyMap<string, number>): number {
  const { environments, targets } = releaseShape(value);
  const { miniProgram = '' } = releaseHead(value);
  return targets.length + (environments.length === 0 ? 0 : (standing.get(miniProgram) ?? 0));
}
