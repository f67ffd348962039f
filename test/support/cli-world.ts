/** A platform with two programs and two apps; the second program is somebody else's. */
export const world = `
apps:
  - { id: megapay, name: MegaPay, environments: [Production, Sandbox, Test, Development], pilotTesting: true, environmentVariables: true }
  - { id: rapipay, name: RapiPay, environments: [Production, Sandbox] }
workspaces:
  - id: acme
    miniPrograms:
      - id: "3500020208396321"
        name: Coffee
        domainsGranted: true
        versions: [2.3.0, 2.4.0, 2.5.0]
        globalConfig: { serverDomains: [https://api.acme.example] }
        releases:
          - { version: 2.3.0, app: megapay, environment: Production, status: FullRelease, config: { merchantId: M-77 } }
      - id: "3500020208396399"
        name: Books
        versions: [1.0.0]
`;

export const program = '3500020208396321';

/** Declares one release with two targets, and nothing secret. */
export const coffee = `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: coffee }
spec:
  workspace: acme
  id: "3500020208396321"
  targets:
    - { app: megapay, environment: Sandbox, config: { merchantId: M-77-T } }
    - { app: megapay, environment: Production, config: { merchantId: M-77 } }
---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: coffee-2.4.0 }
spec:
  miniProgram: coffee
  version: 2.4.0
  environments: [Sandbox, Production]
  config: { testers: ["2088001", "2088002"] }
`;

export const release = {
  workspace: 'acme',
  miniProgram: program,
  version: '2.4.0',
  app: 'megapay',
};
