import type { DesiredProgram } from '../model/desired.ts';
import { programId, releaseId } from '../words/keys.ts';
import type { DocumentId } from '../words/places.ts';
import { statusBefore, type StatusBefore } from './before.ts';

/**
 * Bases as statuses keep them, for a platform that stores no marks: mark text by release id, and by program id for the
 * global configuration. The shape of `Ledger.bases`.
 *
 * Of a claim that lost, nothing counts: its object never holds what was written.
 *
 * @param statusOf  the status of the object that a document is; undefined where there is none
 */
export function basesOf(
  program: DesiredProgram,
  statusOf: (document: DocumentId) => unknown,
): Readonly<Record<string, string>> {
  const read = new Map<DocumentId, StatusBefore>();
  function before(document: DocumentId): StatusBefore {
    const known = read.get(document) ?? statusBefore(statusOf(document));
    read.set(document, known);
    return known;
  }
  const bases: Record<string, string> = {};
  for (const release of program.releases) {
    const { app, environment } = release.key;
    const marks = [release, ...(release.rivals ?? [])].flatMap(
      ({ document }) => before(document).target(app, environment)?.mark ?? [],
    );
    if (marks[0] !== undefined) bases[releaseId(release.key)] = marks[0];
  }
  const { global } = program;
  const globals = global ? [global, ...(global.rivals ?? [])] : [];
  const [mark] = globals.flatMap(
    ({ claims }) => before(claims[0].document).global(program.key)?.mark ?? [],
  );
  if (mark !== undefined) bases[programId(program.key)] = mark;
  return bases;
}
