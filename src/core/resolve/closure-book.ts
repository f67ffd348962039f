import type { DeclarationKind } from '../kinds/index.ts';
import { list, record } from '../validate/read.ts';
import { compareText } from '../words/keys.ts';
import type { DocumentId } from '../words/places.ts';
import { type Entry, guessedAmong, identityOf, type SourceIndex, usable } from './index-source.ts';
import { releaseHead } from './shape.ts';

/** Something that documents are referred to by, within one source. */
export interface Name {
  readonly kind: DeclarationKind;
  readonly namespace: string;
  readonly name: string;
}

/**
 * The declarations of one source, kept up to date document by document, with who refers to whom.
 *
 * It gives the views from which parts of the source are resolved as if the whole source had been indexed.
 */
export interface SourceBook {
  readonly source: string;
  /** @returns whether the name exists now and did not, or the other way round */
  put(entry: Entry): boolean;
  remove(id: DocumentId): boolean;
  raw(id: DocumentId): Entry | undefined;
  /** As it may be used; another value after each change of its name. */
  entry(id: DocumentId): Entry | undefined;
  /** All documents of one name; several: none of them is used. */
  named(name: Name): readonly Entry[];
  /** Documents that mention the name. */
  users(name: Name): ReadonlySet<DocumentId>;
  /** Documents that mention a name of this kind and namespace that nothing has. */
  strays(name: Name): readonly DocumentId[];
  /** The MiniProgram that a release is of. */
  program(release: Entry): Entry | undefined;
  programs(): readonly DocumentId[];
  /** The source with some programs and releases of it only; references lead to everything. */
  view(programs: readonly Entry[], releases: readonly Entry[]): SourceIndex;
  isEmpty(): boolean;
}

const nobody: ReadonlySet<DocumentId> = new Set();

export function createSourceBook(source: string): SourceBook {
  const raws = new Map<DocumentId, Entry>();
  const groups = new Map<string, readonly Entry[]>();
  const names = new Map<string, Set<string>>();
  const uses = createUses();

  const named = ({ kind, namespace, name }: Name): readonly Entry[] =>
    groups.get(identityOf(kind, namespace, name)) ?? [];

  /** Documents of one name judge each other: all of them change with each. */
  function regroup(of: Name, next: readonly Entry[]): boolean {
    const { kind, namespace, name } = of;
    const had = named(of).length > 0;
    const identity = identityOf(kind, namespace, name);
    if (next.length === 0) groups.delete(identity);
    else groups.set(identity, usable(next.toSorted((a, b) => compareText(a.id, b.id))));
    const has = next.length > 0;
    if (had === has) return false;
    noteName(of, has);
    uses.exists(of, has);
    return true;
  }

  function noteName(of: Name, has: boolean): void {
    const scope = scopeOf(of);
    const known = names.get(scope) ?? new Set();
    names.set(scope, known);
    if (has) known.add(of.name);
    else known.delete(of.name);
  }

  function remove(id: DocumentId): boolean {
    const before = raws.get(id);
    if (before === undefined) return false;
    raws.delete(id);
    uses.drop(before);
    return regroup(before, rawsOf(before));
  }

  function rawsOf(of: Name): Entry[] {
    return named(of).flatMap(({ id }) => raws.get(id) ?? []);
  }

  function namesIn(kind: DeclarationKind, namespace: string): readonly string[] {
    const known = names.get(scopeOf({ kind, namespace })) ?? new Set<string>();
    if (known.size > guessedAmong) return [];
    return [...known]
      .map((name) => ({ name, first: named({ kind, namespace, name })[0]?.id ?? '' }))
      .sort((a, b) => compareText(a.first, b.first))
      .map(({ name }) => name);
  }

  const find = (kind: DeclarationKind, namespace: string, name: string): Entry | undefined =>
    named({ kind, namespace, name }).at(-1);

  return {
    source,
    named,
    remove,
    put(entry) {
      const before = raws.get(entry.id);
      const isMoved = before !== undefined && !isOneName(before, entry);
      const changedBefore = isMoved && remove(entry.id);
      if (before !== undefined && !isMoved) uses.drop(before);
      raws.set(entry.id, entry);
      uses.add(entry, (name) => named(name).length > 0);
      const others = rawsOf(entry).filter(({ id }) => id !== entry.id);
      return regroup(entry, [...others, entry]) || changedBefore;
    },
    raw: (id) => raws.get(id),
    entry(id) {
      const known = raws.get(id);
      return known && named(known).find((each) => each.id === id);
    },
    users: uses.of,
    // Names beyond those that are guessed among change nothing for who mentions a missing one.
    strays: (name) =>
      (names.get(scopeOf(name))?.size ?? 0) > guessedAmong + 1 ? [] : uses.strays(name),
    program({ namespace, value }) {
      const { miniProgram } = releaseHead(value);
      return miniProgram === undefined ? undefined : find('MiniProgram', namespace, miniProgram);
    },
    programs: () =>
      [...raws.values()].flatMap(({ kind, id }) => (kind === 'MiniProgram' ? id : [])),
    view: (programs, releases) => ({
      ...{ source, find },
      programs: programs.toSorted((a, b) => compareText(a.id, b.id)),
      releases: releases.toSorted((a, b) => compareText(a.id, b.id)),
      names: namesIn,
      mistakes: [],
    }),
    isEmpty: () => raws.size === 0,
  };
}

function isOneName(a: Name, b: Name): boolean {
  return a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}

function scopeOf({ kind, namespace }: Pick<Name, 'kind' | 'namespace'>): string {
  return `${kind}\n${namespace}`;
}

/** Who mentions which names, and which of those nothing has. */
function createUses() {
  const users = new Map<string, Map<string, Set<DocumentId>>>();
  const dangling = new Map<string, Set<string>>();

  function note(of: Name, isDangling: boolean): void {
    const scope = scopeOf(of);
    const known = dangling.get(scope) ?? new Set();
    dangling.set(scope, known);
    if (isDangling) known.add(of.name);
    else known.delete(of.name);
  }

  const of = (name: Name): ReadonlySet<DocumentId> =>
    users.get(scopeOf(name))?.get(name.name) ?? nobody;

  return {
    of,
    add(entry: Entry, exists: (name: Name) => boolean): void {
      for (const name of mentions(entry)) {
        const scope = scopeOf(name);
        const inScope = users.get(scope) ?? new Map<string, Set<DocumentId>>();
        users.set(scope, inScope);
        inScope.set(name.name, (inScope.get(name.name) ?? new Set()).add(entry.id));
        note(name, !exists(name));
      }
    },
    drop(entry: Entry): void {
      for (const name of mentions(entry)) {
        const inScope = users.get(scopeOf(name));
        const known = inScope?.get(name.name);
        known?.delete(entry.id);
        if (known?.size !== 0) continue;
        inScope?.delete(name.name);
        note(name, false);
      }
    },
    exists(name: Name, has: boolean): void {
      note(name, !has && of(name).size > 0);
    },
    strays(name: Name): readonly DocumentId[] {
      const { kind, namespace } = name;
      return [...(dangling.get(scopeOf(name)) ?? [])].flatMap((missing) => [
        ...of({ kind, namespace, name: missing }),
      ]);
    },
  };
}

/** The names that a document mentions, as far as it can be read; each once. */
function mentions({ kind, namespace, value }: Entry): readonly Name[] {
  if (kind === 'ConfigProfile') return [];
  const spec = record(record(value)['spec']);
  const profiles = [
    ...list(spec['profiles']),
    ...list(spec['targets']).flatMap((target) => list(record(target)['profiles'])),
  ].filter((name) => typeof name === 'string');
  const { miniProgram } = kind === 'MiniProgramRelease' ? releaseHead(value) : {};
  return [
    ...[...new Set(profiles)].map((name): Name => ({ kind: 'ConfigProfile', namespace, name })),
    ...(miniProgram === undefined
      ? []
      : [{ kind: 'MiniProgram' as const, namespace, name: miniProgram }]),
  ];
}
