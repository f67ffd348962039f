/** Two wallets in Production, one of them with a version under review, and a third one. */
export const world = `
apps:
  - { id: megapay, name: MegaPay, environments: [Production, Sandbox], pilotTesting: true }
  - { id: rapipay, name: RapiPay, environments: [Production] }
  - { id: tapngo, name: TapNGo, environments: [Production, Sandbox] }
workspaces:
  - id: acme
    admins: [fairlead-ci]
    miniPrograms:
      - id: "3500020208396321"
        name: Coffee
        domainsGranted: true
        versions: [2.4.0, 2.5.0, 2.6.0]
        releases:
          - { version: 2.4.0, app: megapay, environment: Production, status: FullRelease, config: { merchantId: M-77 } }
          - { version: 2.4.0, app: rapipay, environment: Production, status: UnderReview, config: { merchantId: M-12 } }
`;

const header = 'apiVersion: fairlead.dev/v1alpha1\n';

export const coffee = `${header}kind: MiniProgram
metadata: { name: coffee }
spec:
  workspace: acme
  id: "3500020208396321"
`;

/** A document that lists targets, each `app/Environment { config }`. */
export function release(name: string, version: string, targets: readonly string[]): string {
  const lines = targets.map((target) => {
    const [, app = '', environment = '', config = ''] = /^(\w+)\/(\w+) (.*)$/.exec(target) ?? [];
    return `    - app: ${app}\n      environment: ${environment}\n      config: ${config}\n`;
  });
  return `${header}kind: MiniProgramRelease
metadata: { name: ${name} }
spec:
  miniProgram: coffee
  version: ${version}
  targets:
${lines.join('')}`;
}

export const live = release('coffee-2.4.0', '2.4.0', [
  'megapay/Production { merchantId: M-77 }',
  'rapipay/Production { merchantId: M-12 }',
]);
