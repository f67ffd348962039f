import type { DesiredProgram } from '../model/desired.ts';
import type { SourceDocuments } from '../model/documents.ts';
import { at } from '../validate/read.ts';
import type { Locate } from '../words/places.ts';
import type { Problem } from '../words/problems.ts';
import type { EpochMs } from '../words/time.ts';
import { effectiveFindings, type ValueAt } from './effective.ts';
import { type LintFinding, placeKey } from './finding.ts';
import { judge } from './judge.ts';
import type { LocatedSettings } from './repository-settings.ts';
import { writtenFindings } from './written.ts';

export interface LintInput {
  readonly sources: readonly SourceDocuments[];
  readonly programs: readonly DesiredProgram[];
  /** `.fairlead.yaml`, if there is one. */
  readonly repository: LocatedSettings | undefined;
  readonly locate: Locate;
  /** Decides which waivers have expired. */
  readonly now: EpochMs;
  /** Problems found elsewhere: their warnings follow the same severities and waivers, and they are returned too. */
  readonly found?: readonly Problem[];
}

/** What is probably not meant in valid declarations, as their repository judges it. Invalid documents have errors instead. */
export function lint({
  sources,
  programs,
  repository,
  locate,
  now,
  found = [],
}: LintInput): Problem[] {
  const documents = sources.flatMap((source) => source.documents);
  const invalid = sources.flatMap((source) => source.invalid);
  const valueAt = valuesIn(documents);
  const findings = [
    ...documents.flatMap(writtenFindings),
    ...programs.flatMap((program) => effectiveFindings(program, valueAt)),
  ];
  return judge(once(findings), found, {
    repository,
    documents: [...documents, ...invalid],
    locate,
    now,
  });
}

function valuesIn(documents: readonly SourceDocuments['documents'][number][]): ValueAt {
  const values = new Map(documents.map(({ id, value }) => [id, value] as const));
  return ({ document, pointer }) => at(values.get(document), pointer);
}

/** A line that many releases share is told once. */
function once(findings: readonly LintFinding[]): readonly LintFinding[] {
  const seen = new Map(
    findings.map((finding) => [
      `${finding.rule} ${placeKey(finding.place)} ${finding.value ?? ''}`,
      finding,
    ]),
  );
  return [...seen.values()];
}
