import type { WorldFile } from '../../src/emulator/world/world-schema.ts';
import type { Switches } from '../../src/emulator/world/switches.ts';
import type { ConsoleRequest } from '../../src/emulator/world/console.ts';
import type { Platform } from '../../src/platform/fallbacks.ts';

/** A platform under test, with a person at its console. */
export interface ContractPlatform {
  readonly platform: Platform;
  /** What a person does; fails the test if the console refuses. */
  console(action: ConsoleRequest): Promise<void>;
  close(): Promise<void>;
}

/** Starts a platform with the world of the suite. `client` is who asks. */
export type MakePlatform = (world: WorldFile, client: string) => Promise<ContractPlatform>;

/** Ways in which platforms differ; all keep the contract. */
export type Variant = Partial<Switches>;

export const variants: readonly { readonly name: string; readonly switches: Variant }[] = [
  { name: 'whole', switches: {} },
  { name: 'without conditional writes', switches: { conditionalWrites: false } },
  { name: 'without request ids', switches: { requestIds: false } },
  { name: 'without marks', switches: { marks: false } },
  { name: 'without increments', switches: { increments: false } },
  { name: 'without frozen configurations', switches: { frozen: false } },
  { name: 'with hidden variables', switches: { variables: 'hidden' } },
  { name: 'with tiny pages and filters', switches: { maxPageSize: 2, maxIdsPerFilter: 1 } },
  { name: 'with pages cut without saying so', switches: { cappedPageSize: 1 } },
  { name: 'with shuffled lists', switches: { pageOrder: 'shuffled' } },
  { name: 'with failures remembered', switches: { rememberFailures: true } },
  { name: 'with revisions that come back', switches: { revisions: 'contentHash' } },
  {
    name: 'with nothing it can do without',
    switches: {
      conditionalWrites: false,
      requestIds: false,
      marks: false,
      increments: false,
      frozen: false,
      variables: 'hidden',
      maxPageSize: 1,
      maxIdsPerFilter: 1,
    },
  },
];

export const admin = 'fairlead-ci';
export const developer = 'upload-ci';

/** Two programs of ours, one of a neighbour, three apps. */
export function contractWorld(switches: Variant): WorldFile {
  const everywhere = ['Production', 'Sandbox', 'Test', 'Development'] as const;
  return {
    platformId: 'megapay',
    switches,
    apps: [
      {
        id: 'megapay',
        name: 'MegaPay',
        environments: [...everywhere],
        pilotTesting: true,
        environmentVariables: true,
      },
      { id: 'tapngo', environments: ['Production', 'Test'] },
    ],
    workspaces: [
      {
        id: 'acme',
        admins: [admin],
        miniPrograms: [
          {
            id: 'coffee',
            name: 'Coffee',
            type: 'DSL',
            domainsGranted: true,
            developers: [developer],
            versions: ['2.3.0', '2.4.0', '2.5.0'],
            globalConfig: { merchantId: 'M-1', serverDomains: ['https://api.acme.example'] },
          },
          { id: 'tea', type: 'H5+', versions: ['1.0.0'] },
          { id: 'cake', versions: ['1.0.0'] },
        ],
      },
      { id: 'other', admins: ['somebody'], miniPrograms: [{ id: 'foreign', versions: ['9.0.0'] }] },
    ],
  };
}
