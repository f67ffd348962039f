import type { SourceDocuments } from '../model/documents.ts';
import { compareText } from '../words/keys.ts';
import { releaseClaims } from './claims.ts';
import type { ReleaseClaims } from './release-claim.ts';
import { familiesOf, homesOf, type Member } from './families.ts';
import { declaredPrograms, type Home } from './homes.ts';
import { type Entry, indexSource, type SourceIndex } from './index-source.ts';
import type { Mistake } from './mistakes.ts';
import { notFound } from './references.ts';
import { releaseHead } from './shape.ts';
import { createLayerBooks, type LayerBook } from './stacks.ts';
import type { Trust } from './trust.ts';

/** What the sources declare, before claims are read out of it. */
export interface Assembled {
  readonly families: readonly Family[];
  readonly mistakes: readonly Mistake[];
}

/** Consoles whose claims must be judged together. */
export interface Family {
  readonly members: readonly Member[];
  readonly homes: readonly Home[];
  /** Every claim to their releases, before anything is merged; made anew by each call, since they are large. */
  readonly read: () => ReleaseClaims;
}

/** Joins what the sources declare; each source by itself, in the order of their names. */
export function assemble(sources: readonly SourceDocuments[], trust: Trust): Assembled {
  const bySource = Map.groupBy(sources, ({ source }) => source);
  const read = [...bySource]
    .sort(([a], [b]) => compareText(a, b))
    .map(([source, loads]) => membersOf(indexSource(source, loads), trust));
  return {
    families: assembleFamilies(read.flatMap(({ members }) => members)),
    mistakes: read.flatMap(({ mistakes }) => mistakes),
  };
}

/** Families of members that are in the order of their sources. */
export function assembleFamilies(members: readonly Member[]): readonly Family[] {
  const nextBook = createLayerBooks();
  return familiesOf(members).map((family) => ({
    members: family,
    homes: homesOf(family),
    read: () => claimsOf(family, nextBook()),
  }));
}

export interface SourceMembers {
  readonly members: readonly Member[];
  readonly mistakes: readonly Mistake[];
}

/** The programs of a source, each with its releases, and what is wrong before claims are read. */
export function membersOf(index: SourceIndex, trust: Trust): SourceMembers {
  const releases = Map.groupBy(index.releases, (entry) => programOf(index, entry));
  const programs = declaredPrograms(index, trust);
  return {
    members: programs.map((program) => ({
      ...{ index, program },
      releases: releases.get(program.entry) ?? [],
    })),
    mistakes: [
      ...index.mistakes,
      ...programs.flatMap(({ homes }) => homes).flatMap(({ mistakes }) => mistakes),
      ...(releases.get(undefined) ?? []).flatMap((entry) => withoutProgram(index, entry)),
    ],
  };
}

function programOf(index: SourceIndex, { value, namespace }: Entry): Entry | undefined {
  const { miniProgram } = releaseHead(value);
  return miniProgram === undefined ? undefined : index.find('MiniProgram', namespace, miniProgram);
}

/** Of an invalid document everything that can be said is said already. */
function withoutProgram(
  index: SourceIndex,
  { id, namespace, value, document }: Entry,
): readonly Mistake[] {
  const { miniProgram, version } = releaseHead(value);
  if (miniProgram === undefined || version === undefined || document === undefined) return [];
  const names = index.names('MiniProgram', namespace);
  const place = { document: id, pointer: '/spec/miniProgram' };
  return [notFound({ kind: 'MiniProgram', name: miniProgram, namespace }, place, names)];
}

function claimsOf(family: readonly Member[], book: LayerBook): ReleaseClaims {
  const releases = family.flatMap(({ index, program, releases: own }) =>
    own.map((entry) => ({ index, program, entry })),
  );
  const read = [...Map.groupBy(releases, ({ index }) => index).values()].map((own) =>
    releaseClaims(
      own.toSorted((a, b) => compareText(a.entry.id, b.entry.id)),
      book,
    ),
  );
  return {
    claims: read.flatMap(({ claims }) => claims),
    mistakes: read.flatMap(({ mistakes }) => mistakes),
  };
}
