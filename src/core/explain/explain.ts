import type { DesiredRelease } from '../model/desired.ts';
import type { SourceDocuments } from '../model/documents.ts';
import { type Assembled, assemble } from '../resolve/assemble.ts';
import type { ReleaseClaim } from '../resolve/release-claim.ts';
import { resolveAssembled, type Trust } from '../resolve/resolve.ts';
import { nearest, oneOf } from '../validate/names.ts';
import { releaseId } from '../words/keys.ts';
import type { Locate } from '../words/places.ts';
import type { Problem } from '../words/problems.ts';
import type { ExplainedTarget, Explanation } from './explanation.ts';
import { explainFields } from './fields.ts';
import type { ExplainQuery } from './query.ts';

export type { Explanation } from './explanation.ts';
export { type ExplainQuery, parseQuery } from './query.ts';

/** Declarations and how to read them. */
export interface ExplainInput {
  readonly sources: readonly SourceDocuments[];
  readonly trust: Trust;
  readonly locate: Locate;
}

/**
 * Where every value of a release comes from: per target and field what each layer says, and what hides it.
 *
 * The layers shown are the very ones that resolving merges.
 */
export function explain(
  { sources, trust, locate }: ExplainInput,
  query: ExplainQuery,
): Explanation {
  const assembled = assemble(sources, trust);
  const { programs, problems } = resolveAssembled(assembled, trust, locate);
  const claims = claimsOf(assembled, query);
  const releases = programs
    .flatMap((program) => program.releases)
    .flatMap((release) => [release, ...(release.rivals ?? [])].map((one) => ({ one, release })));
  const targets = releases
    .filter(({ one }) => asked(one, query))
    .flatMap(({ one, release }) => {
      const claim = claims.get(claimId(one.source, { id: releaseId(one.key) }));
      return claim === undefined ? [] : [explainTarget({ one, release, claim }, query, locate)];
    });
  const names = releases.map(({ one }) => one);
  const lost = targets.length === 0 ? [notFound(query, names)] : [];
  return { formatVersion: 1, kind: 'Explanation', targets, problems: [...problems, ...lost] };
}

/** The claims of the release in question. */
function claimsOf(
  { families }: Assembled,
  { release }: ExplainQuery,
): ReadonlyMap<string, ReleaseClaim> {
  const own = families.flatMap((family) =>
    family.read().claims.filter(({ entry }) => entry.name === release),
  );
  return new Map(own.map((claim) => [claimId(claim.home.source, claim), claim]));
}

function claimId(source: string, { id }: Pick<ReleaseClaim, 'id'>): string {
  return `${source}\n${id}`;
}

function asked(
  { name, key }: DesiredRelease,
  { release, app, environment }: ExplainQuery,
): boolean {
  const target = app === undefined || (key.app === app && key.environment === environment);
  return name === release && target;
}

interface Subject {
  readonly one: DesiredRelease;
  /** The claim that comes first, with all its rivals. */
  readonly release: DesiredRelease;
  readonly claim: ReleaseClaim;
}

function explainTarget(
  { one, release, claim }: Subject,
  query: ExplainQuery,
  locate: Locate,
): ExplainedTarget {
  const { key, name, source, own, superseded, policy, suspended, barrier } = one;
  const all = explainFields(claim, one.config, locate);
  const rivals = [release, ...(release.rivals ?? [])].map((each) => each.source);
  return {
    ...{ key, name, source, own, superseded, policy },
    rivals: rivals.filter((rival) => rival !== source),
    suspended:
      suspended === undefined
        ? null
        : {
            reason: suspended.reason,
            ...(suspended.until !== undefined && { until: suspended.until }),
            ...(suspended.place !== undefined && { origin: locate(suspended.place) }),
          },
    barrier:
      barrier === undefined
        ? null
        : {
            reason: barrier.reason,
            message: barrier.message,
            nextStep: barrier.nextStep,
            origins: barrier.places.map(locate),
          },
    fields:
      query.field === undefined
        ? all
        : [all.find(({ path }) => path === query.field) ?? nowhere(query.field)],
    origins: one.claims.map(locate),
  };
}

function nowhere(path: NonNullable<ExplainQuery['field']>): ExplainedTarget['fields'][number] {
  return { path, from: 'nowhere', origins: [], layers: [] };
}

function notFound(
  { release, app, environment }: ExplainQuery,
  all: readonly DesiredRelease[],
): Problem {
  const own = all.filter(({ name }) => name === release);
  if (app === undefined || own.length === 0) {
    const meant = nearest(release, [...new Set(all.map(({ name }) => name))]);
    return {
      rule: 'release-not-found',
      severity: 'error',
      message: `No MiniProgramRelease ${release} declares a target here`,
      nextStep:
        meant === undefined
          ? 'Name a MiniProgramRelease by its metadata.name.'
          : `Did you mean ${meant}?`,
    };
  }
  const targets = own.map(({ key }) => `${key.app}/${key.environment}`);
  return {
    rule: 'release-not-found',
    severity: 'error',
    message: `MiniProgramRelease ${release} does not go to ${app}/${environment ?? ''}`,
    nextStep: `It goes to ${oneOf(targets)}.`,
  };
}
