import type { DesiredProgram } from '../model/desired.ts';
import type { AnyDocument, InvalidDocument } from '../model/documents.ts';
import { compareText, type ProgramId } from '../words/keys.ts';
import type { DocumentId, Locate } from '../words/places.ts';
import type { Problem } from '../words/problems.ts';
import { assembleFamilies, type Family, membersOf } from './assemble.ts';
import { createSourceBook, type Name, type SourceBook } from './closure-book.ts';
import { createFoundBook, createSharedFacts } from './closure-found.ts';
import { claimedPrograms } from './homes.ts';
import { duplicates, type Entry, identityOf, invalidEntry, validEntry } from './index-source.ts';
import { createMerger } from './merger.ts';
import type { Mistake } from './mistakes.ts';
import { createPrecedence } from './precedence.ts';
import { resolveFamily } from './resolve.ts';
import type { Trust } from './trust.ts';

/** A document as it is now. */
export type DocumentChange =
  | { readonly kind: 'valid'; readonly source: string; readonly document: AnyDocument }
  | { readonly kind: 'invalid'; readonly source: string; readonly document: InvalidDocument }
  | { readonly kind: 'gone'; readonly source: string; readonly id: DocumentId };

/** What became of programs and documents. */
export interface Delta {
  /** Programs that were resolved anew; undefined: nobody declares it any more. */
  readonly programs: ReadonlyMap<ProgramId, DesiredProgram | undefined>;
  /** Documents of which something else is wrong than before. */
  readonly documents: ReadonlySet<DocumentId>;
}

/**
 * Everything that is declared, resolved, and kept up to date change by change.
 *
 * After any updates its programs and problems are those that `resolve` gives for all documents at once. An update resolves
 * what changed, what refers to it, and what shares a program key with that, and nothing else.
 */
export interface Closure {
  /** @param locate  knows documents as they are after the changes */
  update(changes: readonly DocumentChange[], locate: Locate): Delta;
  /** Judges the programs of some sources by what is trusted now. */
  retrust(trust: Trust, sources: readonly string[], locate: Locate): Delta;
  /** Not to be changed. */
  readonly programs: ReadonlyMap<ProgramId, DesiredProgram>;
  /** What is wrong with a document. */
  problemsOf(document: DocumentId): readonly Problem[];
  /** Documents with which something is wrong. */
  faulty(): IterableIterator<DocumentId>;
  /** Programs that a document declares or is a part of; of a profile, those of all that name it. */
  programsOf(document: DocumentId): ReadonlySet<ProgramId>;
  /** Documents that name it. */
  usersOf(document: DocumentId): ReadonlySet<DocumentId>;
  /** MiniProgram documents that claim the program, and releases of those. */
  documentsOf(program: ProgramId): ReadonlySet<DocumentId>;
}

/** Programs that share consoles, as they were resolved together. */
interface ResolvedFamily {
  readonly members: readonly DocumentId[];
  readonly programs: readonly ProgramId[];
}

/** What must be resolved anew. */
interface Reached {
  /** MiniProgram documents, all of each family; some may be gone. */
  readonly programs: ReadonlySet<DocumentId>;
  /** Releases whose program is not there, and documents that are gone. */
  readonly others: ReadonlySet<DocumentId>;
}

export function createClosure(trustAtFirst: Trust): Closure {
  const index = createIndex();
  const families = new Map<DocumentId, ResolvedFamily>();
  const programs = new Map<ProgramId, DesiredProgram>();
  const found = createFoundBook();
  const shared = createSharedFacts();
  let trust = trustAtFirst;

  function resolveAnew(dirty: ReadonlySet<DocumentId>, locate: Locate): Delta {
    const reached = reach(dirty);
    const before = [...reached.programs].flatMap(forget);
    const parts = index.parts(reached);
    const read = parts.map((part) => membersOf(part.view, trust));
    const mistakes = read.flatMap((each) => each.mistakes);
    const after = assembleFamilies(read.flatMap(({ members }) => members)).flatMap((family) => {
      const resolved = resolveOne(family);
      mistakes.push(...resolved.mistakes);
      return resolved.programs;
    });
    const documents = [
      ...reached.programs,
      ...reached.others,
      ...parts.flatMap(({ view }) => view.releases.map(({ id }) => id)),
    ];
    tell(documents, mistakes, locate);
    return {
      programs: new Map([...before, ...after].map((id) => [id, programs.get(id)])),
      documents: found.changed(),
    };
  }

  /** Families as they were and as they are now: both are resolved anew. */
  function reach(dirty: ReadonlySet<DocumentId>): Reached {
    const reached = new Set<DocumentId>();
    const others = new Set<DocumentId>();
    for (const id of dirty) {
      for (const program of index.programsOf(id)) reached.add(program);
      if (index.isLoose(id)) others.add(id);
    }
    for (const id of reached) {
      index.claim(id, trust);
      for (const other of families.get(id)?.members ?? []) reached.add(other);
      for (const other of index.sharing(id)) reached.add(other);
    }
    return { programs: reached, others };
  }

  function forget(member: DocumentId): readonly ProgramId[] {
    const family = families.get(member);
    families.delete(member);
    if (family?.members[0] !== member) return [];
    shared.set(member, { faults: [], unsets: [] });
    for (const id of family.programs) programs.delete(id);
    return family.programs;
  }

  function resolveOne(family: Family) {
    const merger = createMerger();
    const precedence = createPrecedence(trust.order);
    const resolved = resolveFamily(family, { merge: merger.forFamily(), precedence });
    const members = family.members.map(({ program }) => program.entry.id);
    const ids = resolved.programs.map(([id]) => id);
    for (const member of members) families.set(member, { members, programs: ids });
    for (const [id, program] of resolved.programs) programs.set(id, program);
    const [first] = members;
    const { faults, unsets } = merger.facts();
    const isShared = (document: DocumentId): boolean =>
      index.entry(document)?.kind === 'ConfigProfile';
    if (first !== undefined)
      shared.set(first, {
        faults: faults.filter(({ fault }) => isShared(fault.place.document)),
        unsets: unsets.filter(({ place }) => isShared(place.document)),
      });
    const own = merger.mistakes().filter(({ place }) => !isShared(place.document));
    return { programs: ids, mistakes: [...resolved.mistakes, ...own] };
  }

  function tell(
    documents: readonly DocumentId[],
    mistakes: readonly Mistake[],
    locate: Locate,
  ): void {
    const own = Map.groupBy(mistakes, ({ place }) => place.document);
    for (const id of documents) found.set(`document ${id}`, own.get(id) ?? [], locate);
    for (const [id, joined] of shared.changed()) found.set(`shared ${id}`, joined, locate);
  }

  return {
    programs,
    problemsOf: (document) => found.of(document),
    faulty: () => found.documents(),
    programsOf: (document) => index.touchedBy(document),
    usersOf: (document) => index.usersOf(document),
    documentsOf: (program) => index.documentsOf(program),
    update(changes, locate) {
      const dirty = new Set<DocumentId>();
      const names = new Map<string, NameOf>();
      for (const change of changes)
        for (const name of index.change(change, dirty)) names.set(nameText(name), name);
      for (const [text, name] of names)
        found.set(`name ${text}`, duplicates(name.book.named(name)), locate);
      return resolveAnew(dirty, locate);
    },
    retrust(next, sources, locate) {
      trust = next;
      return resolveAnew(new Set(sources.flatMap((source) => index.programsIn(source))), locate);
    },
  };
}

type NameOf = Name & { readonly book: SourceBook };

function nameText({ book, kind, namespace, name }: NameOf): string {
  return `${book.source}\n${identityOf(kind, namespace, name)}`;
}

/** All documents by source, with the program keys that MiniProgram documents claim. */
function createIndex() {
  const books = new Map<string, SourceBook>();
  const bookOf = new Map<DocumentId, SourceBook>();
  const claims = new Map<DocumentId, readonly ProgramId[]>();
  const claimants = new Map<ProgramId, Set<DocumentId>>();
  /** The program of each release when it was looked at last. */
  const programOf = new Map<DocumentId, DocumentId>();

  const entry = (id: DocumentId): Entry | undefined => bookOf.get(id)?.entry(id);

  function book(source: string): SourceBook {
    const known = books.get(source) ?? createSourceBook(source);
    books.set(source, known);
    return known;
  }

  /** Everything that is judged by what stands behind a name. */
  function touch(of: SourceBook, name: Name, dirty: Set<DocumentId>): void {
    for (const { id } of of.named(name)) dirty.add(id);
    for (const id of of.users(name)) dirty.add(id);
  }

  /** The program a release is of now. */
  function nextProgram(id: DocumentId): DocumentId | undefined {
    const release = entry(id);
    return release?.kind === 'MiniProgramRelease'
      ? bookOf.get(id)?.program(release)?.id
      : undefined;
  }

  const usersOf = (id: DocumentId): ReadonlySet<DocumentId> => {
    const own = entry(id);
    return (own && bookOf.get(id)?.users(own)) ?? new Set();
  };

  function touchedBy(id: DocumentId): ReadonlySet<ProgramId> {
    switch (entry(id)?.kind) {
      case 'MiniProgram':
        return new Set(claims.get(id));
      case 'MiniProgramRelease': {
        const program = nextProgram(id);
        return new Set(program === undefined ? [] : claims.get(program));
      }
      case 'ConfigProfile':
        return new Set([...usersOf(id)].flatMap((user) => [...touchedBy(user)]));
      case undefined:
        return new Set();
    }
  }

  return {
    entry,
    usersOf,
    touchedBy,
    documentsOf(program: ProgramId): ReadonlySet<DocumentId> {
      const declaring = [...(claimants.get(program) ?? [])];
      const releases = declaring.flatMap((id) => [...usersOf(id)]);
      return new Set([...declaring, ...releases]);
    },
    programsIn: (source: string) => books.get(source)?.programs() ?? [],
    /** @returns the names behind which other documents stand now */
    change(each: DocumentChange, dirty: Set<DocumentId>): readonly NameOf[] {
      const own = book(each.source);
      const id = each.kind === 'gone' ? each.id : each.document.id;
      const before = own.raw(id);
      const [after] = entriesOf(each);
      const names = [before, after].filter((name) => name !== undefined);
      if (names.length === 0) return [];
      dirty.add(id);
      for (const name of names) touch(own, name, dirty);
      const isNameNews = after ? own.put(after) : own.remove(id);
      if (after) bookOf.set(id, own);
      else bookOf.delete(id);
      if (own.isEmpty()) books.delete(own.source);
      for (const name of names) {
        touch(own, name, dirty);
        if (isNameNews) for (const stray of own.strays(name)) dirty.add(stray);
      }
      return names.map(({ kind, namespace, name }) => ({ kind, namespace, name, book: own }));
    },
    /** Programs by which a document is resolved: itself, or those of a release before and now. */
    programsOf(id: DocumentId): readonly DocumentId[] {
      // A place in a file may hold a program now and a release after the next edit.
      const itself = entry(id)?.kind === 'MiniProgram' || claims.has(id) ? [id] : [];
      const before = programOf.get(id);
      const now = nextProgram(id);
      if (now === undefined) programOf.delete(id);
      else programOf.set(id, now);
      return [...itself, ...[before, now].filter((program) => program !== undefined)];
    },
    /** No program resolves it: it is gone, a profile, or of a program that is not there. */
    isLoose: (id: DocumentId): boolean =>
      entry(id)?.kind !== 'MiniProgram' && nextProgram(id) === undefined,
    /** Takes up which consoles a program claims now. */
    claim(id: DocumentId, trust: Trust): void {
      for (const program of claims.get(id) ?? []) {
        claimants.get(program)?.delete(id);
        if (claimants.get(program)?.size === 0) claimants.delete(program);
      }
      const known = entry(id);
      if (known?.kind !== 'MiniProgram') {
        claims.delete(id);
        return;
      }
      const own = claimedPrograms(known.value, trust);
      claims.set(id, own);
      for (const program of own)
        claimants.set(program, (claimants.get(program) ?? new Set()).add(id));
    },
    /** Programs that claim a console of this one. */
    sharing: (id: DocumentId): readonly DocumentId[] =>
      (claims.get(id) ?? []).flatMap((program) => [...(claimants.get(program) ?? [])]),
    /** The sources with nothing but what was reached, in the order of their names. */
    parts({ programs, others }: Reached) {
      const reached = [...programs].filter((id) => entry(id)?.kind === 'MiniProgram');
      const releases = [...others].filter((id) => entry(id)?.kind === 'MiniProgramRelease');
      const sources = Map.groupBy([...reached, ...releases], (id) => bookOf.get(id)?.source ?? '');
      return [...sources]
        .sort(([a], [b]) => compareText(a, b))
        .map(([source, ids]) => ({ view: viewOf(book(source), ids) }));
    },
  };

  function viewOf(own: SourceBook, ids: readonly DocumentId[]) {
    const known = ids.flatMap((id) => own.entry(id) ?? []);
    const programs = known.filter(({ kind }) => kind === 'MiniProgram');
    const releases = programs.flatMap((program) =>
      [...own.users(program)].filter((id) => nextProgram(id) === program.id),
    );
    const homeless = known.filter(({ kind }) => kind === 'MiniProgramRelease');
    return own.view(programs, [...releases.flatMap((id) => own.entry(id) ?? []), ...homeless]);
  }
}

function entriesOf(change: DocumentChange): readonly Entry[] {
  switch (change.kind) {
    case 'valid':
      return validEntry(change.document);
    case 'invalid':
      return invalidEntry(change.document);
    case 'gone':
      return [];
  }
}
