import type { Operation } from '../../src/protocol/operations.ts';
import type {
  RequestOf,
  ResponseOf,
  WireMiniProgram,
  WireRelease,
} from '../../src/protocol/wire.ts';

/** One request and its answer, as they stand in the documentation. */
type Examples = {
  readonly [O in Operation]: {
    readonly does: string;
    readonly request: RequestOf<O>;
    readonly response: ResponseOf<O>;
  };
};

const result = {
  resultStatus: 'S',
  resultCode: 'SUCCESS',
  resultMessage: 'success',
} as const;

const mark = '1 a8Xk2Q c1iQ0z k9Zd M4f0Qm1aBcDe';

const release: WireRelease = {
  id: 'rel-000042',
  workspace: 'acme',
  miniProgram: '3500020208396321',
  version: '2.4.0',
  app: 'megapay',
  environment: 'Sandbox',
  status: 'NewVersionCreated',
  revision: '17',
  mark,
  config: {
    merchantId: 'M-77-T',
    testers: ['2088001', '2088002'],
    environmentVariables: [{ name: 'PAYMENT_HOST', value: 'https://pay.acme.example' }],
  },
  testQrCode: 'https://megapay.example/test/rel-000042?t=17',
};

const miniProgram: WireMiniProgram = {
  workspace: 'acme',
  miniProgram: '3500020208396321',
  name: 'Coffee',
  type: 'DSL',
  domainsGranted: true,
  globalConfig: { serverDomains: ['https://api.acme.example'] },
  globalRevision: '3',
};

const { workspace, version, app, environment } = release;
const programKey = { workspace, miniProgram: release.miniProgram };
const releaseKey = { ...programKey, version, app, environment };
const requestId = 'vJ1m0S7Jb0c2m5p9uYd3hZ8qkq0wE4tTnL6xR2aGfHs';
const ifMark = 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd';

/** What the reference and the OpenAPI document show; a test validates every one. */
export const examples: Examples = {
  getPlatform: {
    does: 'Who answers, what it can do, and what the caller may.',
    request: {},
    response: {
      result,
      platformId: 'megapay-console',
      capabilities: {
        conditionalWrites: true,
        requestIds: true,
        marks: true,
        increments: false,
        frozen: true,
        variables: 'readable',
        maxPageSize: 500,
        maxIdsPerFilter: 50,
      },
      caller: { client: 'fairlead-ci', workspaces: [{ id: 'acme', rights: ['workspaceAdmin'] }] },
    },
  },
  listMiniPrograms: {
    does: 'Mini programs of a workspace, with their global configuration.',
    request: { workspace, miniPrograms: [release.miniProgram], pageSize: 500 },
    response: { result, miniPrograms: [miniProgram] },
  },
  listVersions: {
    does: 'Uploaded versions of a mini program, in any order.',
    request: { ...programKey, pageSize: 500 },
    response: { result, versions: ['2.3.0', '2.4.0'] },
  },
  listTargets: {
    does: 'The target apps a mini program may be released to, with their environments.',
    request: { ...programKey, pageSize: 500 },
    response: {
      result,
      targets: [
        {
          app: 'megapay',
          name: 'MegaPay',
          environments: ['Production', 'Sandbox'],
          environmentVariables: true,
          pilotTesting: true,
          sandboxReview: false,
        },
      ],
    },
  },
  listReleases: {
    does: 'Release records of a workspace: all of them, those of some programs or versions, or those in some statuses. Filters are and-ed.',
    request: { ...{ workspace }, miniPrograms: [release.miniProgram], pageSize: 500 },
    response: { result, releases: [release], nextPageToken: 'eyJmcm9tIjo1MDB9' },
  },
  getRelease: {
    does: 'One release record; null where the target was never selected for this version.',
    request: releaseKey,
    response: { result, release },
  },
  createRelease: {
    does: 'Selects a target for a version, with the configuration entered there. Refused with RELEASE_TARGET_ALREADY_SELECTED if the record exists, whatever its status.',
    request: {
      ...releaseKey,
      config: {
        merchantId: 'M-77-T',
        testers: ['2088001', '2088002'],
        environmentVariables: [{ name: 'PAYMENT_HOST', value: 'https://pay.acme.example' }],
      },
      mark,
      requestId,
    },
    response: { result, release },
  },
  patchReleaseConfig: {
    does: 'Changes the release-specific configuration of a record, its mark, or both. With an empty patch only the mark is written, and the revision stays.',
    request: {
      ...releaseKey,
      patch: {
        merchantId: null,
        testers: ['2088001'],
        environmentVariables: {
          upsert: [{ name: 'PAYMENT_HOST', value: 'https://pay2.acme.example' }],
          remove: ['OLD_HOST'],
        },
      },
      mark,
      ifRevision: '17',
      ifMark,
      requestId,
    },
    response: {
      result,
      release: {
        ...release,
        revision: '18',
        config: {
          testers: ['2088001'],
          environmentVariables: [{ name: 'PAYMENT_HOST', value: 'https://pay2.acme.example' }],
        },
        testQrCode: 'https://megapay.example/test/rel-000042?t=18',
      },
    },
  },
  patchGlobalConfig: {
    does: 'Changes the global configuration of a mini program, its mark, or both.',
    request: {
      ...programKey,
      patch: { serverDomains: ['https://api.acme.example', 'https://cdn.acme.example'] },
      mark,
      ifRevision: '3',
      ifMark: 'absent',
      requestId,
    },
    response: {
      result,
      miniProgram: {
        ...miniProgram,
        globalConfig: { serverDomains: ['https://api.acme.example', 'https://cdn.acme.example'] },
        globalRevision: '4',
        globalMark: mark,
      },
    },
  },
};
