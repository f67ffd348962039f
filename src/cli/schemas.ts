import { distance } from 'fastest-levenshtein';

type Load = () => Promise<{ readonly default: object }>;

/** Every schema there is, by the kind it describes; each is read only when it is asked for. */
const schemas = {
  MiniProgram: () => import('../../schemas/mini-program.json', { with: { type: 'json' } }),
  ConfigProfile: () => import('../../schemas/config-profile.json', { with: { type: 'json' } }),
  MiniProgramRelease: () =>
    import('../../schemas/mini-program-release.json', { with: { type: 'json' } }),
  PlatformConnection: () =>
    import('../../schemas/platform-connection.json', { with: { type: 'json' } }),
  GitSource: () => import('../../schemas/git-source.json', { with: { type: 'json' } }),
  Settings: () => import('../../schemas/settings.json', { with: { type: 'json' } }),
  RepositorySettings: () =>
    import('../../schemas/repository-settings.json', { with: { type: 'json' } }),
  Plan: () => import('../../schemas/plan.json', { with: { type: 'json' } }),
  PlanFile: () => import('../../schemas/plan-file.json', { with: { type: 'json' } }),
  ApplyResult: () => import('../../schemas/apply-result.json', { with: { type: 'json' } }),
  ValidateResult: () => import('../../schemas/validate-result.json', { with: { type: 'json' } }),
  History: () => import('../../schemas/history.json', { with: { type: 'json' } }),
  Review: () => import('../../schemas/review.json', { with: { type: 'json' } }),
  Status: () => import('../../schemas/status.json', { with: { type: 'json' } }),
} as const satisfies Record<string, Load>;

/** One schema for a document of any kind. */
const anyKind: Load = () => import('../../schemas/fairlead.json', { with: { type: 'json' } });

export const schemaNames = Object.keys(schemas);

/**
 * The JSON Schema of a kind, or of any kind where none is named.
 *
 * @returns undefined for a kind there is none of; case does not matter
 */
export async function schemaOf(kind: string | undefined): Promise<object | undefined> {
  if (kind === undefined) return (await anyKind()).default;
  const wanted = kind.toLowerCase();
  const found = Object.entries(schemas).find(([name]) => name.toLowerCase() === wanted);
  return found && (await found[1]()).default;
}

/** Letters that may be wrong in a name that is still recognised. */
const maxDistance = 4;

/** The name that was probably meant. */
export function nearestSchema(kind: string): string | undefined {
  const wanted = kind.toLowerCase();
  const rated = schemaNames.map((name) => ({ name, off: distance(wanted, name.toLowerCase()) }));
  const [best] = rated.toSorted((a, b) => a.off - b.off);
  return best && best.off <= Math.min(maxDistance, kind.length / 2) ? best.name : undefined;
}
