import type { SourceDocuments } from '../model/documents.ts';
import { compareText } from '../words/keys.ts';
import { type ReleaseClaim, releaseClaims } from './claims.ts';
import { declaredPrograms, type Home } from './homes.ts';
import { indexSource } from './index-source.ts';
import type { Mistake } from './mistakes.ts';
import { createLayerBook } from './stacks.ts';
import type { Trust } from './trust.ts';

/** Every claim of every source, before anything is merged. */
export interface Assembled {
  readonly homes: readonly Home[];
  readonly claims: readonly ReleaseClaim[];
  readonly mistakes: readonly Mistake[];
}

/** Reads the claims out of what the sources declare; each source by itself, in the order of their names. */
export function assemble(sources: readonly SourceDocuments[], trust: Trust): Assembled {
  const bySource = new Map<string, SourceDocuments[]>();
  for (const load of sources)
    bySource.set(load.source, [...(bySource.get(load.source) ?? []), load]);
  const book = createLayerBook();
  const assembled = [...bySource]
    .sort(([a], [b]) => compareText(a, b))
    .map(([source, loads]): Assembled => {
      const index = indexSource(source, loads);
      const programs = declaredPrograms(index, trust);
      const releases = releaseClaims(index, programs, book);
      const homes = programs.flatMap((program) => program.homes);
      const mistakes = [
        ...index.mistakes,
        ...homes.flatMap((home) => home.mistakes),
        ...releases.mistakes,
      ];
      return { homes, claims: releases.claims, mistakes };
    });
  return {
    homes: assembled.flatMap(({ homes }) => homes),
    claims: assembled.flatMap(({ claims }) => claims),
    mistakes: assembled.flatMap(({ mistakes }) => mistakes),
  };
}
