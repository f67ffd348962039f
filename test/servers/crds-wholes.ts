import { home, target, version } from './crds-documents.ts';

export const key = (name: string) => ({ secretKeyRef: { name, key: 'key' } });
export const source = { url: 'https://git.example/releases.git' } as const;

export const connection = {
  platformId: 'megapay',
  driver: 'http',
  endpoint: 'https://api.megapay.example',
  clientId: 'fairlead-ci',
  privateKey: key('megapay'),
  platformPublicKey: { file: '/etc/megapay.pub.pem' },
} as const;
/** One whole document of each kind, from which others are made by changing a part. */
export const wholes: Readonly<Record<string, unknown>> = {
  MiniProgram: {
    connection: 'default',
    ...home,
    globalConfig: { serverDomains: ['https://api.example'], unset: ['testers'] },
    profiles: ['qa-team'],
    config: { environmentVariables: [{ name: 'A', value: 'a' }] },
    targets: [{ ...target, config: { merchantId: 'M' }, extend: { testers: ['1', '2'] } }],
    policy: { onDrift: 'Report', environments: { Sandbox: { onDrift: 'Apply' } } },
    suspend: { reason: 'freeze', until: '2026-12-24T18:00:00Z' },
  },
  MiniProgramRelease: {
    ...version,
    environments: ['Sandbox'],
    unset: ['merchantId'],
    targets: [
      {
        app: 'tapngo',
        environment: 'Test',
        config: {
          environmentVariables: [
            { name: 'HOST', value: 'https://pay.example' },
            { name: 'KEY', valueFrom: key('keys') },
          ],
        },
        extend: { serverDomains: ['https://cdn.example'] },
      },
    ],
  },
  ConfigProfile: {
    appliesTo: { apps: ['megapay'], environments: ['Sandbox', 'Test'] },
    config: { testers: ['2088001', '2088002'] },
    unset: ['environmentVariables/A'],
  },
  PlatformConnection: {
    ...connection,
    grants: [{ namespaces: ['coffee'], workspaces: ['acme'] }],
    gates: { maxChanges: 50, maxPercent: 30 },
  },
  GitSource: {
    ...source,
    ref: { branch: 'main' },
    path: 'releases',
    include: ['**/*.yaml'],
    intervalSeconds: 60,
  },
};
