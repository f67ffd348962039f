import type { LocatedSettings } from '../../core/lint/repository-settings.ts';
import { lint } from '../../core/lint/lint.ts';
import type { SourceDocuments } from '../../core/model/documents.ts';
import type { DesiredProgram } from '../../core/model/desired.ts';
import { resolve, type Trust } from '../../core/resolve/resolve.ts';
import type { Locate } from '../../core/words/places.ts';
import type { Problem } from '../../core/words/problems.ts';
import { createLocate } from '../../core/yaml/locate.ts';
import type { Clock, Declarations } from '../../ports/index.ts';
import type { Administration } from '../settings.ts';

/** Everything that follows from the declarations alone. */
export interface Declared {
  readonly sources: readonly SourceDocuments[];
  readonly programs: readonly DesiredProgram[];
  /** All problems, of every severity, in the order of files. */
  readonly problems: readonly Problem[];
  readonly locate: Locate;
  /** How the repository judges warnings, for those that show only in plans. */
  readonly repository?: LocatedSettings | undefined;
}

interface Inputs {
  readonly declarations: Declarations;
  readonly trust: Trust;
  readonly repository: LocatedSettings | undefined;
  readonly repositoryProblems: readonly Problem[];
  readonly clock: Clock;
}

/** parse -> validate -> resolve -> claims -> lint; reads files and nothing else. */
export async function declare(inputs: Inputs, signal: AbortSignal): Promise<Declared> {
  const { sources } = await inputs.declarations.load(signal);
  const locate = createLocate(
    sources.flatMap(({ documents, invalid }) => [...documents, ...invalid]),
  );
  const resolution = resolve(sources, inputs.trust, locate);
  const judged = lint({
    sources,
    programs: resolution.programs,
    repository: inputs.repository,
    locate,
    now: inputs.clock.wall(),
    found: [...sources.flatMap((source) => source.problems), ...resolution.problems],
  });
  const problems = [...inputs.repositoryProblems, ...judged];
  return {
    sources,
    programs: resolution.programs,
    problems: problems.toSorted(byPlace),
    locate,
    repository: inputs.repository,
  };
}

/**
 * The programs about which every source that declares anything of them could be read whole: of what is missing from an
 * incomplete one nothing may be concluded, so its programs rest.
 */
export function ofCompleteSources({ programs, sources }: Declared): readonly DesiredProgram[] {
  const broken = new Set(sources.filter(({ complete }) => !complete).map(({ source }) => source));
  if (broken.size === 0) return programs;
  return programs.filter((program) => !sourcesOf(program).some((source) => broken.has(source)));
}

/** Every source that declares anything of a program, once or more often. */
export function sourcesOf({ releases, global }: DesiredProgram): readonly string[] {
  return [...releases.flatMap(claimants), ...(global ? claimants(global) : [])];
}

interface Claim {
  readonly source: string;
  readonly rivals?: readonly Claim[];
}

function claimants({ source, rivals = [] }: Claim): readonly string[] {
  return [source, ...rivals.map((rival) => rival.source)];
}

/** Who may declare what: from the settings, or nobody's word where there are none. */
export function trustOf(
  administration: Administration | undefined,
  actAs: string | undefined,
): Trust {
  if (!administration) return { order: [] };
  return {
    connections: Object.fromEntries(
      administration.connections.map(({ name, spec }) => [
        name,
        { platformId: spec.platformId, ...(spec.grants ? { grants: spec.grants } : {}) },
      ]),
    ),
    order: administration.sources.map(({ name }) => name),
    ...(actAs === undefined ? {} : { actAs }),
  };
}

function byPlace(a: Problem, b: Problem): number {
  const [left, right] = [sortKey(a), sortKey(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function sortKey({ origin, rule }: Problem): string {
  if (origin === undefined) return `~${rule}`;
  if (!('file' in origin))
    return `${origin.object.kind}/${origin.object.name}${origin.path} ${rule}`;
  const digits = (value: number) => String(value).padStart(8, '0');
  return `${origin.file}:${digits(origin.line)}:${digits(origin.column)} ${rule}`;
}
