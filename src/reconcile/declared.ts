import type { AnyDocument, InvalidDocument, SourceDocuments } from '../core/model/documents.ts';
import type { DesiredProgram } from '../core/model/desired.ts';
import { createClosure, type Delta, type DocumentChange } from '../core/resolve/closure.ts';
import { digestible } from '../core/resolve/digestible.ts';
import type { Trust } from '../core/resolve/resolve.ts';
import { digestOf } from '../core/words/digests.ts';
import { releaseId, type ProgramId, type ReleaseId } from '../core/words/keys.ts';
import type { DocumentId, Locate } from '../core/words/places.ts';
import type { Problem } from '../core/words/problems.ts';
import { locateBy } from '../core/yaml/locate.ts';

export type { DocumentChange } from '../core/resolve/closure.ts';

/** What all sources together want, kept up to date. */
export interface Declared {
  /** Not to be changed. */
  readonly programs: ReadonlyMap<ProgramId, Wish>;
  /** Of documents as they are now. */
  locate(): Locate;
  /** A source as it is now, in the place of all it declared before; undefined: nobody knows it any more. */
  replace(source: string, documents: SourceDocuments | undefined): void;
  change(changes: readonly DocumentChange[]): void;
  /** Some sources are trusted otherwise from now on. */
  retrust(trust: Trust, sources: readonly string[]): void;
  /** Resolves what changed since the last call. */
  resolve(): Resolved;
  /** Errors that show when a document is resolved; of its own mistakes whoever read it tells. */
  errorsOf(document: DocumentId): readonly Problem[];
  /** Programs that a document declares or is a part of; of a profile, those of all that name it. */
  programsOf(document: DocumentId): ReadonlySet<ProgramId>;
  usersOf(document: DocumentId): ReadonlySet<DocumentId>;
  /** MiniProgram documents that claim the program, and releases of those. */
  documentsOf(program: ProgramId): ReadonlySet<DocumentId>;
  /** Errors in a source's documents, in the order of places. */
  errorsIn(source: string): readonly Problem[];
}

/** What came of changes. */
export interface Resolved {
  /** Programs that were looked at; not all of them are wanted otherwise, some not at all any more. */
  readonly programs: ReadonlySet<ProgramId>;
  /** Documents that changed, or of which something else is wrong. */
  readonly documents: ReadonlySet<DocumentId>;
}

export interface Wish {
  readonly desired: DesiredProgram;
  /** Every source that claims anything of the program. */
  readonly sources: readonly string[];
  /** Why nothing is done for it: a source that claims part of it could not be read whole. */
  readonly rests?: string;
}

type Known = AnyDocument | InvalidDocument;

export function createDeclared(trustAtFirst: Trust): Declared {
  const closure = createClosure(trustAtFirst);
  const wishes = new Map<ProgramId, Wish>();
  const documents = new Map<DocumentId, Known>();
  /** Documents of sources that are given whole. */
  const wholes = new Map<string, SourceDocuments>();
  const waiting: DocumentChange[] = [];
  const retrusted: { trust: Trust; sources: readonly string[] }[] = [];
  const judgedAnew = new Set<string>();
  let broken: ReadonlySet<string> = new Set();

  const locate = (): Locate => locateBy((id) => documents.get(id));

  function keep(changes: readonly DocumentChange[]): void {
    for (const change of changes) {
      if (change.kind === 'gone') documents.delete(change.id);
      else documents.set(change.document.id, change.document);
    }
    waiting.push(...changes);
  }

  function resolve(): Resolved {
    const place = locate();
    const deltas: Delta[] = retrusted
      .splice(0)
      .map(({ trust, sources }) => closure.retrust(trust, sources, place));
    const changes = waiting.splice(0);
    if (changes.length > 0) deltas.push(closure.update(changes, place));
    const changed = changes.map((change) =>
      change.kind === 'gone' ? change.id : change.document.id,
    );
    const programs = new Set(deltas.flatMap((delta) => [...delta.programs.keys()]));
    for (const id of programs) {
      const desired = closure.programs.get(id);
      if (desired) wishes.set(id, wishOf(desired, broken));
      else wishes.delete(id);
    }
    for (const id of restingOtherwise()) programs.add(id);
    const judged = deltas.flatMap((delta) => [...delta.documents]);
    return { programs, documents: new Set([...changed, ...judged]) };
  }

  /** Of a source that is whole again, or is not any more, all programs are wished for otherwise. */
  function restingOtherwise(): readonly ProgramId[] {
    if (judgedAnew.size === 0) return [];
    const found = [...wishes].filter(([, { sources }]) =>
      sources.some((source) => judgedAnew.has(source)),
    );
    judgedAnew.clear();
    for (const [id, { desired }] of found) wishes.set(id, wishOf(desired, broken));
    return found.map(([id]) => id);
  }

  return {
    programs: wishes,
    locate,
    resolve,
    replace(source, next) {
      keep(changesBetween(source, wholes.get(source), next));
      if (next) wholes.set(source, next);
      else wholes.delete(source);
      const before = broken;
      const sources = [...wholes.values()];
      broken = new Set(sources.filter(({ complete }) => !complete).map((each) => each.source));
      if (before.has(source) !== broken.has(source)) judgedAnew.add(source);
    },
    change: keep,
    programsOf: (document) => closure.programsOf(document),
    usersOf: (document) => closure.usersOf(document),
    documentsOf: (program) => closure.documentsOf(program),
    retrust: (trust, sources) => void retrusted.push({ trust, sources }),
    errorsOf: (document) => closure.problemsOf(document).filter(isError),
    errorsIn(source) {
      const own = wholes.get(source);
      const found = [...(own?.documents ?? []), ...(own?.invalid ?? [])]
        .flatMap(({ id }) => closure.problemsOf(id))
        .filter(isError);
      return [...(own?.problems ?? []).filter(isError), ...inOrder(found)];
    },
  };
}

function isError({ severity }: Problem): boolean {
  return severity === 'error';
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems
    .map((problem) => ({ problem, text: placeText(problem) }))
    .sort((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)))
    .map(({ problem }) => problem);
}

function placeText({ origin, rule, message }: Problem): string {
  if (!origin || !('file' in origin)) return `${JSON.stringify(origin)} ${rule} ${message}`;
  const padded = (value: number): string => String(value).padStart(9, '0');
  return `${origin.file} ${padded(origin.line)} ${padded(origin.column)} ${rule} ${message}`;
}

/** A document that is the very same value did not change. */
function changesBetween(
  source: string,
  before: SourceDocuments | undefined,
  after: SourceDocuments | undefined,
): readonly DocumentChange[] {
  const known = new Map(documentsOf(before).map((document) => [document.id, document]));
  const now = new Set(documentsOf(after).map(({ id }) => id));
  return [
    ...[...known.keys()].flatMap((id): DocumentChange[] =>
      now.has(id) ? [] : [{ kind: 'gone', source, id }],
    ),
    ...(after?.documents ?? []).flatMap((document): DocumentChange[] =>
      known.get(document.id) === document ? [] : [{ kind: 'valid', source, document }],
    ),
    ...(after?.invalid ?? []).flatMap((document): DocumentChange[] =>
      known.get(document.id) === document ? [] : [{ kind: 'invalid', source, document }],
    ),
  ];
}

function documentsOf(source: SourceDocuments | undefined): readonly Known[] {
  return source === undefined ? [] : [...source.documents, ...source.invalid];
}

function wishOf(desired: DesiredProgram, broken: ReadonlySet<string>): Wish {
  const claims = [...desired.releases, ...(desired.global ? [desired.global] : [])];
  const sources = [
    ...new Set(
      claims.flatMap(({ source, rivals = [] }) => [source, ...rivals.map((r) => r.source)]),
    ),
  ].sort();
  // What is not granted is no claim: whoever may not declare it cannot stop it either.
  const granted = new Set(
    claims
      .flatMap((claim) => [claim, ...(claim.rivals ?? [])])
      .flatMap(({ source, barrier }) => (barrier?.reason === 'NotGranted' ? [] : source)),
  );
  const missing = sources.filter((source) => granted.has(source) && broken.has(source));
  return {
    ...{ desired, sources },
    ...(missing.length > 0 && {
      rests: `source ${missing.join(', ')} could not be read whole, and it declares a part of this program`,
    }),
  };
}

/** What of a program is wanted otherwise than before. */
export interface Altered {
  /** Releases that are new or wanted otherwise. */
  readonly releases: ReadonlySet<ReleaseId>;
  /** Something is wanted otherwise, if only a policy, a suspension, or that a release is not wanted any more. */
  readonly isAltered: boolean;
}

/** @param before  undefined: the program was not declared */
export function altered(before: DesiredProgram | undefined, now: DesiredProgram): Altered {
  if (before?.digest === now.digest) return { releases: new Set(), isAltered: false };
  const known = new Map(
    (before?.releases ?? []).map((release) => [releaseId(release.key), textOf(release)]),
  );
  const releases = now.releases
    .filter((release) => known.get(releaseId(release.key)) !== textOf(release))
    .map(({ key }) => releaseId(key));
  return { releases: new Set(releases), isAltered: true };
}

function textOf(release: DesiredProgram['releases'][number]): string {
  return digestOf(digestible({ releases: [release] }));
}
