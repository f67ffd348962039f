/** An example of each kind for the reference, by name; a test validates all of them. */
export const kindExamples: Readonly<Record<string, string>> = {
  MiniProgram: `
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: coffee }
spec:
  workspace: acme
  id: "3500020208396321" # quoted: it looks like a number
  globalConfig:
    serverDomains: [https://api.acme.example]
  profiles: [qa-team]
  targets: # standing targets: where this program goes, and what differs there
    - { app: megapay, environment: Sandbox, config: { merchantId: M-77-T } }
    - { app: megapay, environment: Production, config: { merchantId: M-77 } }
  policy:
    onDrift: Report
    environments: { Sandbox: { onDrift: Apply } }
`,
  MiniProgramRelease: `
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: coffee-2.4.0 }
spec:
  miniProgram: coffee
  version: 2.4.0
  environments: [Sandbox] # the standing targets this version goes to
  targets: # targets of its own, or what differs at standing ones
    - app: tapngo
      environment: Test
      config:
        environmentVariables:
          - { name: PAYMENT_HOST, value: https://pay.acme.example }
          - name: API_KEY
            valueFrom: { secretKeyRef: { name: coffee-keys, key: apiKey } }
      extend: { serverDomains: [https://cdn.acme.example] }
`,
  ConfigProfile: `
apiVersion: fairlead.dev/v1alpha1
kind: ConfigProfile
metadata: { name: qa-team }
spec:
  appliesTo: { apps: [megapay], environments: [Sandbox, Test] }
  config: { testers: ["2088001", "2088002"] }
`,
  PlatformConnection: `
apiVersion: fairlead.dev/v1alpha1
kind: PlatformConnection
metadata: { name: default }
spec:
  platformId: megapay
  driver: http
  endpoint: https://api.megapay.example
  clientId: fairlead-ci
  privateKey: { file: fairlead-ci.pem }
  platformPublicKey: { file: megapay.pub.pem }
  fingerprintKey: { env: FAIRLEAD_FINGERPRINT_KEY }
  grants:
    - { sources: [coffee-team], workspaces: [acme] }
  gates: { maxChanges: 50, maxPercent: 30 }
`,
  GitSource: `
apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: coffee-team }
spec:
  url: https://git.acme.example/coffee/releases.git
  ref: { branch: main }
  path: releases
`,
  Settings: `
apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec:
  installation: acme-production
  secrets:
    - name: coffee-keys
      for: [cli, coffee-team]
      keys:
        apiKey: { env: COFFEE_API_KEY }
`,
  '.fairlead.yaml': `
lint:
  severities: { domain-port: "off", merchant-in-both: error }
  waivers:
    - rule: domain-ip
      path: programs/legacy/**
      reason: the partner has no host name until spring
      expires: "2027-03-31"
`,
};
