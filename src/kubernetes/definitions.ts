import { apiVersion } from '../core/kinds/api-version.ts';
import type { CacheHealth, ClusterKind } from '../ports/cluster.ts';
import type { Clock } from '../ports/index.ts';
import type { Api } from './api.ts';
import { definitions } from './definitions.generated.ts';
import { field, isRecord, list, text } from './raw.ts';
import { resourceName, resources } from './resources.ts';

/** On a definition, for people who look at it. */
export const revisionAnnotation = 'fairlead.dev/definitions-revision';

/** In a definition's schema, which the API server shows to everybody who may log in. */
export function revisionTitle(revision: number): string {
  return `fairlead.dev definitions, revision ${revision}`;
}

const title = /^fairlead\.dev definitions, revision (\d+)$/;

/** Whether the definitions in the cluster are at least those that this program was built with. */
export interface DefinitionsCheck {
  /** Present while a kind is known to be defined by an older release. */
  trouble(kind: ClusterKind): CacheHealth['trouble'];
  /** Looks now and then, until the signal is aborted; never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

const timeoutMs = 30_000;
const maxBytes = 16 * 1024 * 1024;
/** While something is wrong somebody may be about to put it right. */
const troubledMs = 10_000;
const usualMs = 600_000;

export function createDefinitionsCheck(
  { api, clock }: { readonly api: Api; readonly clock: Clock },
  needed: number = definitions.revision,
): DefinitionsCheck {
  let found: ReadonlyMap<string, number> | undefined;

  const isOld = (kind: string): boolean => (found?.get(kind) ?? needed) < needed;

  async function look(signal: AbortSignal): Promise<void> {
    const path = `/openapi/v3/apis/${apiVersion}`;
    const answer = await api.send({ method: 'GET', path, timeoutMs, maxBytes }, signal);
    // Whoever may not look knows nothing, and nothing is wrong for all that is known.
    found = answer.status === 200 ? revisionsIn(answer.body) : undefined;
  }

  return {
    trouble(kind) {
      if (!isOld(kind)) return undefined;
      const name = resourceName(resources[kind]);
      return {
        code: 'ClusterRefused',
        message: `the definition of ${name} in the cluster is of an older release: fields this one writes or reads are lost (revision ${found?.get(kind) ?? 0}, needed ${needed})`,
        nextStep: 'kubectl apply --server-side -f crds/',
      };
    },
    async run(signal) {
      while (!signal.aborted) {
        await look(signal).catch(() => undefined);
        const isTroubled = found === undefined || [...found.keys()].some(isOld);
        await clock.sleep(isTroubled ? troubledMs : usualMs, signal).catch(() => undefined);
      }
    },
  };
}

/** Revisions by kind; 0 for a definition of before there were any. */
function revisionsIn(body: unknown): ReadonlyMap<string, number> {
  const schemas = field(field(body, 'components'), 'schemas');
  const all = isRecord(schemas) ? Object.values(schemas) : [];
  return new Map(
    all.flatMap((schema) => {
      const kind = kindOf(schema);
      if (kind === undefined) return [];
      const revision = title.exec(text(field(schema, 'title')) ?? '')?.[1];
      return [[kind, Number(revision ?? 0)]];
    }),
  );
}

function kindOf(schema: unknown): string | undefined {
  const [group] = apiVersion.split('/');
  const named = list(field(schema, 'x-kubernetes-group-version-kind')).find(
    (each) => field(each, 'group') === group,
  );
  const kind = text(field(named, 'kind'));
  return kind !== undefined && kind in resources ? kind : undefined;
}
