import { type DeclarationKind, declarationKinds } from '../kinds/index.ts';
import type { AnyDocument, InvalidDocument, SourceDocuments } from '../model/documents.ts';
import { compareText } from '../words/keys.ts';
import type { DocumentId, Place } from '../words/places.ts';
import type { EpochMs } from '../words/time.ts';
import type { Mistake } from './mistakes.ts';

/** A declaration as others refer to it. */
export interface Entry {
  readonly id: DocumentId;
  readonly kind: DeclarationKind;
  readonly name: string;
  readonly namespace: string;
  /** Read with care: the document may be invalid. */
  readonly value: unknown;
  /** Absent: the document is invalid; it keeps its claims and is never used. */
  readonly document?: AnyDocument;
  readonly since?: EpochMs;
  readonly createdAt?: EpochMs;
}

/** The declarations of one source, by identity. */
export interface SourceIndex {
  readonly source: string;
  /** In the order of document ids. */
  readonly programs: readonly Entry[];
  readonly releases: readonly Entry[];
  readonly find: (kind: DeclarationKind, namespace: string, name: string) => Entry | undefined;
  readonly names: (kind: DeclarationKind, namespace: string) => readonly string[];
  readonly mistakes: readonly Mistake[];
}

/** Joins what was read of one source; two documents with one identity are both invalid. */
export function indexSource(source: string, loads: readonly SourceDocuments[]): SourceIndex {
  const byIdentity = new Map<string, Entry[]>();
  for (const entry of entriesOf(loads)) {
    const identity = identityOf(entry.kind, entry.namespace, entry.name);
    byIdentity.set(identity, [...(byIdentity.get(identity) ?? []), entry]);
  }
  const groups = [...byIdentity.values()];
  const unique = groups.flatMap(usable).sort((a, b) => compareText(a.id, b.id));
  const known = new Map(
    unique.map((entry) => [identityOf(entry.kind, entry.namespace, entry.name), entry]),
  );
  return {
    source,
    programs: unique.filter(({ kind }) => kind === 'MiniProgram'),
    releases: unique.filter(({ kind }) => kind === 'MiniProgramRelease'),
    find: (kind, namespace, name) => known.get(identityOf(kind, namespace, name)),
    names: (kind, namespace) =>
      worthGuessing(
        unique
          .filter((entry) => entry.kind === kind && entry.namespace === namespace)
          .map(({ name }) => name),
      ),
    mistakes: groups.flatMap(duplicates),
  };
}

/** Among more names than this a guess of what was meant is worth less than looking through them costs. */
export const guessedAmong = 500;

function worthGuessing(names: readonly string[]): readonly string[] {
  return names.length > guessedAmong ? [] : names;
}

/** What others refer to a document by, within its source. */
export function identityOf(kind: string, namespace: string, name: string): string {
  return `${kind}\n${namespace}\n${name}`;
}

function entriesOf(loads: readonly SourceDocuments[]): Entry[] {
  const valid = loads.flatMap(({ documents }) => documents).flatMap(validEntry);
  const invalid = loads.flatMap((load) => load.invalid).flatMap(invalidEntry);
  return [...valid, ...invalid].sort((a, b) => compareText(a.id, b.id));
}

/** A declaration as an entry; none of settings. */
export function validEntry(document: AnyDocument): Entry[] {
  const { kind, id, name, namespace = '', value, since, createdAt } = document;
  if (!isDeclaration(kind)) return [];
  return [
    {
      ...{ id, kind, name, namespace, value, document },
      ...(since !== undefined && { since }),
      ...(createdAt !== undefined && { createdAt }),
    },
  ];
}

/** The same of an invalid one. */
export function invalidEntry({
  id,
  kind,
  name,
  namespace = '',
  value,
  createdAt,
}: InvalidDocument): Entry[] {
  if (!isDeclaration(kind)) return [];
  return [{ id, kind, name, namespace, value, ...(createdAt !== undefined && { createdAt }) }];
}

function isDeclaration(kind: string): kind is DeclarationKind {
  return (declarationKinds as readonly string[]).includes(kind);
}

/** Documents of one identity, in the order of ids, as they may be used: of several, none. */
export function usable(same: readonly Entry[]): readonly Entry[] {
  return same.length === 1 ? same : same.map(({ document: _, ...entry }) => entry);
}

/** What is wrong with several documents of one identity. */
export function duplicates([first, ...others]: readonly Entry[]): Mistake[] {
  if (first === undefined) return [];
  const name = (entry: Entry): Place => ({ document: entry.id, pointer: '/metadata/name' });
  return others.map((other) => ({
    rule: 'duplicate-document',
    severity: 'error',
    message: `${other.kind} ${other.name} is declared twice; neither is used`,
    nextStep: 'Keep one of them, or give one another name.',
    place: name(other),
    related: [name(first)],
  }));
}
