import type { DesiredProgram } from '../model/desired.ts';
import type { SourceDocuments } from '../model/documents.ts';
import type { Plan } from '../model/plan.ts';
import { at } from '../validate/read.ts';
import type { Locate } from '../words/places.ts';
import type { Problem } from '../words/problems.ts';
import type { EpochMs } from '../words/time.ts';
import { effectiveFindings, type ValueAt } from './effective.ts';
import { type LintFinding, placeKey } from './finding.ts';
import { judge } from './judge.ts';
import type { LocatedSettings } from './repository-settings.ts';
import { settledFindings } from './settled.ts';
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

export interface PlanLintInput extends Pick<LintInput, 'repository' | 'locate' | 'now'> {
  readonly sources: readonly Pick<SourceDocuments, 'documents'>[];
  readonly plans: readonly Plan[];
}

/** What shows only in plans, judged like the rest; says nothing of the waivers themselves, which `lint` does. */
export function lintPlans({ sources, plans, repository, locate, now }: PlanLintInput): Problem[] {
  const documents = sources.flatMap((source) => source.documents);
  const judged = judge(settledFindings(plans), [], { repository, documents, locate, now });
  return judged.filter(({ rule }) => rule === 'settled-only');
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
