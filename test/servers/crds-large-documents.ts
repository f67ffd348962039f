import { home, many, type Row, version } from './crds-documents.ts';

const environments = ['Production', 'Sandbox', 'Test', 'Development'] as const;

const targets = (layer: object) =>
  many(256, (index) => ({
    app: `application-${Math.floor(index / 4)}`,
    environment: environments[index % 4],
    ...layer,
  }));

const variables = (count: number) =>
  many(count, (index) => ({ name: `VARIABLE_${index}`, value: 'v' }));
const drops = (count: number) => many(count, (index) => `environmentVariables/OTHER_${index}`);

const large = (name: string, spec: object): Row => ({
  name,
  kind: 'miniProgram' in spec ? 'MiniProgramRelease' : 'MiniProgram',
  spec,
  valid: true,
});

/** About as large as a file may be (256 KiB): what rules spend at run time is bounded, too. */
export const largeDocuments: readonly Row[] = [
  large('256 targets with variables and drops', {
    ...home,
    targets: targets({ config: { environmentVariables: variables(8) }, unset: drops(12) }),
  }),
  large('256 targets of a release', {
    ...version,
    targets: targets({ config: { environmentVariables: variables(5) }, unset: drops(16) }),
  }),
  large('256 targets with 30 domains', {
    ...home,
    targets: targets({
      config: { serverDomains: many(30, (index) => `https://host-${index}.example`) },
    }),
  }),
  large('40 targets with all the variables and drops there may be', {
    ...home,
    targets: targets({ config: { environmentVariables: variables(64) }, unset: drops(64) }).slice(
      0,
      40,
    ),
  }),
  large('32 instances with 8 apps, each with a target', {
    instances: many(32, (instance) => ({
      workspace: 'acme',
      id: `${instance}`,
      apps: many(8, (index) => `application-${instance * 8 + index}`),
    })),
    targets: many(256, (index) => ({ app: `application-${index}`, environment: 'Test' })),
  }),
  large('4 instances with 64 apps', {
    instances: many(4, (instance) => ({
      workspace: 'acme',
      id: `${instance}`,
      apps: many(64, (index) => `application-${instance}-${index}`),
    })),
  }),
];
