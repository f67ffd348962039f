import type { DocumentId, Locate } from '../words/places.ts';
import type { Problem } from '../words/problems.ts';
import { factsInWords, type MergeFacts } from './merger.ts';
import { type Mistake, problemsOf } from './mistakes.ts';

/** What is wrong, by the document in which it stands; each finder replaces what it said before. */
export interface FoundBook {
  /** @param finder  whoever found it; another one's words about the same document stay */
  set(finder: string, mistakes: readonly Mistake[], locate: Locate): void;
  of(document: DocumentId): readonly Problem[];
  documents(): IterableIterator<DocumentId>;
  /** Documents of which something else was said since the last call. */
  changed(): ReadonlySet<DocumentId>;
}

export function createFoundBook(): FoundBook {
  const said = new Map<DocumentId, Map<string, readonly Problem[]>>();
  const documentsOf = new Map<string, readonly DocumentId[]>();
  let news = new Set<DocumentId>();

  function say(finder: string, document: DocumentId, problems: readonly Problem[]): void {
    const known = said.get(document) ?? new Map<string, readonly Problem[]>();
    if (JSON.stringify(known.get(finder) ?? []) === JSON.stringify(problems)) return;
    news.add(document);
    if (problems.length > 0) said.set(document, known.set(finder, problems));
    else if (known.delete(finder) && known.size === 0) said.delete(document);
  }

  return {
    set(finder, mistakes, locate) {
      const before = documentsOf.get(finder) ?? [];
      if (before.length === 0 && mistakes.length === 0) return;
      const now = Map.groupBy(mistakes, ({ place }) => place.document);
      for (const document of before) if (!now.has(document)) say(finder, document, []);
      for (const [document, own] of now) say(finder, document, problemsOf(own, locate));
      if (now.size === 0) documentsOf.delete(finder);
      else documentsOf.set(finder, [...now.keys()]);
    },
    of: (document) => [...(said.get(document)?.values() ?? [])].flat(),
    documents: () => said.keys(),
    changed() {
      const documents = news;
      news = new Set();
      return documents;
    },
  };
}

/** What merging found in documents that many families share, joined: a line may be wrong in some of them only. */
export interface SharedFacts {
  set(family: DocumentId, facts: MergeFacts): void;
  /** What is wrong now with the documents of which facts changed since the last call. */
  changed(): ReadonlyMap<DocumentId, readonly Mistake[]>;
}

const nothing: MergeFacts = { faults: [], unsets: [] };

export function createSharedFacts(): SharedFacts {
  const known = new Map<DocumentId, Map<DocumentId, MergeFacts>>();
  const sharedBy = new Map<DocumentId, readonly DocumentId[]>();
  let news = new Set<DocumentId>();

  return {
    set(family, facts) {
      for (const document of sharedBy.get(family) ?? []) {
        known.get(document)?.delete(family);
        news.add(document);
      }
      const parts = partsOf(facts);
      for (const [document, part] of parts) {
        const sharing = known.get(document) ?? new Map<DocumentId, MergeFacts>();
        known.set(document, sharing.set(family, part));
        news.add(document);
      }
      if (parts.size === 0) sharedBy.delete(family);
      else sharedBy.set(family, [...parts.keys()]);
    },
    changed() {
      const documents = news;
      news = new Set();
      return new Map(
        [...documents].map((document) => {
          const facts = [...(known.get(document)?.values() ?? [])];
          if (facts.length === 0) known.delete(document);
          return [document, factsInWords(facts)];
        }),
      );
    },
  };
}

function partsOf({ faults, unsets }: MergeFacts): ReadonlyMap<DocumentId, MergeFacts> {
  const byDocument = Map.groupBy(faults, ({ fault }) => fault.place.document);
  const parts = new Map<DocumentId, MergeFacts>(
    [...byDocument].map(([document, own]) => [document, { faults: own, unsets: [] }]),
  );
  for (const [document, own] of Map.groupBy(unsets, ({ place }) => place.document))
    parts.set(document, { ...(parts.get(document) ?? nothing), unsets: own });
  return parts;
}
