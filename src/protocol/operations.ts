/** The operations of the contract with a platform and their default routes behind the path prefix. */
export const defaultRoutes = {
  getPlatform: 'v1/platform/get',
  listMiniPrograms: 'v1/miniprograms/list',
  listVersions: 'v1/versions/list',
  listTargets: 'v1/targets/list',
  listReleases: 'v1/releases/list',
  getRelease: 'v1/releases/get',
  createRelease: 'v1/releases/create',
  patchReleaseConfig: 'v1/releases/config/patch',
  patchGlobalConfig: 'v1/miniprograms/config/patch',
} as const;

export type Operation = keyof typeof defaultRoutes;

export const operations = Object.keys(defaultRoutes) as readonly Operation[];

export const defaultPathPrefix = '/api/';

/** Operations that change something; the others may be repeated freely. */
export const writeOperations = [
  'createRelease',
  'patchReleaseConfig',
  'patchGlobalConfig',
] as const satisfies readonly Operation[];
