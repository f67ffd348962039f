import { home, many, variables, version } from './crds-documents.ts';
import { type Document, documentOf } from './crds-stage.ts';

/** A document that files and a cluster judge differently, on purpose. */
export interface Difference {
  readonly name: string;
  readonly why: string;
  readonly document: Document;
  /** Who takes it; the other one refuses. */
  readonly taken: 'by files' | 'by the cluster';
}

const target = { app: 'megapay', environment: 'Test' } as const;
const source = { url: 'https://git.example/releases.git' } as const;
const connection = {
  platformId: 'megapay',
  driver: 'http',
  clientId: 'fairlead-ci',
  privateKey: { file: '/etc/key.pem' },
  platformPublicKey: { file: '/etc/pub.pem' },
} as const;

const endpoint = (value: string): Document =>
  documentOf('PlatformConnection', { ...connection, endpoint: value });

function withMetadata(more: unknown): Document {
  const document = documentOf('MiniProgram', home);
  return { ...document, metadata: { name: 'coffee', ...(more as object) } };
}

const metadata =
  'metadata belongs to the API server: what it allows there no definition can widen or narrow';
const judgedLater =
  'no expression reads every form of an address; the controller judges the endpoint again before it connects';
const limits = 'an object has a limit per field, a file one as a whole';
const tenancy =
  "files and variables of the controller are its administrator's, and a GitSource is a namespace's";
const certain =
  'nothing above this layer could drop a variable; files say it when layers are merged';

/** Every difference there is; whatever else differs is a mistake. */
export const differences: readonly Difference[] = [
  {
    name: 'a finalizer',
    why: metadata,
    document: withMetadata({ finalizers: ['example.com/keep'] }),
    taken: 'by the cluster',
  },
  {
    name: 'a label that Kubernetes could not hold',
    why: metadata,
    document: withMetadata({ labels: { team: 'not a label' } }),
    taken: 'by files',
  },
  {
    name: 'an annotation without a value to see',
    why: metadata,
    document: withMetadata({ annotations: { note: 'a\u202eb' } }),
    taken: 'by the cluster',
  },
  {
    name: 'a status',
    why: 'the API server drops a status that comes with a declaration; in a file it is a misunderstanding',
    document: { ...documentOf('MiniProgram', home), status: { progress: '3/4' } },
    taken: 'by the cluster',
  },
  {
    name: 'nothing where there is a default',
    why: 'the API server replaces null by the default before it asks the schema',
    document: documentOf('MiniProgram', { ...home, policy: { onDrift: null } }),
    taken: 'by the cluster',
  },
  {
    name: 'six variables of a target of a release',
    why: certain,
    document: documentOf('MiniProgramRelease', {
      ...version,
      targets: [{ ...target, config: { environmentVariables: variables(6) } }],
    }),
    taken: 'by files',
  },
  {
    name: 'six variables of a release without targets of its own',
    why: certain,
    document: documentOf('MiniProgramRelease', {
      ...version,
      environments: ['Test'],
      config: { environmentVariables: variables(6) },
    }),
    taken: 'by files',
  },
  {
    name: '257 apps of a profile',
    why: limits,
    document: documentOf('ConfigProfile', {
      appliesTo: { apps: many(257, (index) => `a${index}`) },
    }),
    taken: 'by files',
  },
  {
    name: '65 apps of an instance',
    why: limits,
    document: documentOf('MiniProgram', {
      instances: [{ ...home, apps: many(65, (index) => `a${index}`) }],
    }),
    taken: 'by files',
  },
  {
    name: '288 apps of all instances together',
    why: 'comparing more than that costs more than the API server spends on a rule; targets end at 256',
    document: documentOf('MiniProgram', {
      instances: many(9, (instance) => ({
        workspace: 'acme',
        id: `${instance}`,
        apps: many(32, (index) => `a${instance}-${index}`),
      })),
    }),
    taken: 'by files',
  },
  {
    name: 'a drop of a variable whose name no variable may have',
    why: limits,
    document: documentOf('MiniProgram', {
      ...home,
      unset: [`environmentVariables/${'A'.repeat(129)}`],
    }),
    taken: 'by files',
  },
  {
    name: 'a path of 1025 characters',
    why: limits,
    document: documentOf('PlatformConnection', {
      platformId: 'megapay',
      driver: 'emulator',
      dataDir: 'd'.repeat(1025),
    }),
    taken: 'by files',
  },
  {
    name: "a token in the controller's file",
    why: tenancy,
    document: documentOf('GitSource', {
      ...source,
      credentials: { token: { file: '/etc/token' } },
    }),
    taken: 'by files',
  },
  {
    name: "a password in the controller's variable",
    why: tenancy,
    document: documentOf('GitSource', {
      ...source,
      credentials: { username: 'ci', password: { env: 'PASSWORD' } },
    }),
    taken: 'by files',
  },
  {
    name: 'reviews of pull requests',
    why: 'no controller of objects makes them: one that follows settings files does',
    document: documentOf('GitSource', {
      ...source,
      review: { forge: 'github', repository: 'acme/wallets', token: { env: 'FORGE_TOKEN' } },
    }),
    taken: 'by files',
  },
  {
    name: "authorities in the controller's file",
    why: tenancy,
    document: documentOf('GitSource', { ...source, caFile: '/etc/ca.pem' }),
    taken: 'by files',
  },
  {
    name: 'a token from nowhere',
    why: 'files say it when the source starts; an object can be refused at once',
    document: documentOf('GitSource', { ...source, credentials: { token: {} } }),
    taken: 'by files',
  },
  {
    name: 'an end on a day that does not exist',
    why: 'files say it when the credential is read; an object can be refused at once',
    document: documentOf('GitSource', {
      ...source,
      credentials: { expiresAt: '2027-02-30T00:00:00Z' },
    }),
    taken: 'by files',
  },
  {
    name: 'this machine in a form nobody writes',
    why: judgedLater,
    document: endpoint('http://127.1:4010'),
    taken: 'by files',
  },
  {
    name: 'a host in the own network as one number',
    why: judgedLater,
    document: endpoint('https://3232235777'),
    taken: 'by files',
  },
  {
    name: 'an address that is none',
    why: judgedLater,
    document: endpoint('https://[fe]'),
    taken: 'by the cluster',
  },
  {
    name: 'a metadata address as IPv6 hides it',
    why: judgedLater,
    document: endpoint('https://[0:0:0:0:0:ffff:a9fe:a9fe]'),
    taken: 'by the cluster',
  },
];
