import { expect } from 'vitest';
import { resolve } from '../../src/core/resolve/resolve.ts';
import type { DesiredProgram } from '../../src/core/model/desired.ts';
import { FingerprintKey } from '../../src/core/words/digests.ts';
import { createLocate } from '../../src/core/yaml/locate.ts';
import { parseFile } from '../../src/core/yaml/parse.ts';
import { createHost, type Host } from '../../src/emulator/host.ts';
import { worldPlatform } from '../../src/emulator/in-process.ts';
import { createWorld } from '../../src/emulator/world/create.ts';
import type { Switches } from '../../src/emulator/world/switches.ts';
import { createMemory, type PlanContext } from '../../src/engine/read.ts';
import { noLedger } from '../../src/ledger/ledger.ts';
import type { ReadPorts } from '../../src/ports/index.ts';
import { createSecretMap } from '../../src/secrets/map.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

export const never = new AbortController().signal;
export const client = 'fairlead-ci';
const statuses = [
  'NewVersionCreated',
  'FullRelease',
  'Archived',
  'Canceled',
  'UnderReview',
] as const;

/** So many records of each program, in statuses of every kind; `foreign` ones are nobody's here. */
export function world(
  programs: Readonly<Record<string, number>>,
  switches: Partial<Switches> = {},
): Host {
  const miniPrograms = Object.entries(programs).map(([id, count]) => ({
    id,
    versions: Array.from({ length: count + 2 }, (_, i) => `1.${String(i)}.0`),
    releases: Array.from({ length: count }, (_, i) => ({
      version: `1.${String(i)}.0`,
      app: 'megapay',
      environment: 'Production' as const,
      status: statuses[i % statuses.length]!,
    })),
  }));
  const file = {
    platformId: 'megapay',
    switches,
    clients: [{ id: client }],
    apps: [{ id: 'megapay', environments: ['Production' as const, 'Test' as const] }],
    workspaces: [
      { id: 'acme', admins: [client], miniPrograms },
      { id: 'closed', admins: ['somebody'], miniPrograms: [{ id: 'vault', versions: ['1.0.0'] }] },
    ],
  };
  return createHost(createWorld({ file }));
}

export interface Wish {
  readonly program: string;
  readonly workspace?: string;
  readonly versions: readonly string[];
  readonly global?: boolean;
  readonly environment?: string;
}

export function desired(
  wishes: readonly Wish[],
  platformId = 'megapay',
): readonly DesiredProgram[] {
  const text = wishes
    .flatMap(({ program, workspace = 'acme', versions, global, environment = 'Production' }) => [
      `---\napiVersion: fairlead.dev/v1alpha1\nkind: MiniProgram\nmetadata: { name: ${program} }\nspec: { workspace: ${workspace}, id: ${program}${global ? ', globalConfig: { merchantId: M-1 }' : ''} }`,
      ...versions.map(
        (version) =>
          `---\napiVersion: fairlead.dev/v1alpha1\nkind: MiniProgramRelease\nmetadata: { name: ${program}-${version} }\nspec: { miniProgram: ${program}, version: ${version}, targets: [{ app: megapay, environment: ${environment} }] }`,
      ),
    ])
    .join('\n');
  const bytes = new TextEncoder().encode(text);
  const { documents, invalid, problems } = parseFile(
    { source: 'cli', file: 'a.yaml', bytes },
    'declarations',
  );
  expect(problems).toEqual([]);
  const source = { source: 'cli', documents, invalid, problems, complete: true };
  return resolve(
    [source],
    { connections: { default: { platformId } }, order: [] },
    createLocate(documents),
  ).programs;
}

export function portsOf(host: Host, more: Partial<ReadPorts> = {}): ReadPorts {
  const clock = createVirtualClock({ auto: true });
  return {
    reader: worldPlatform(host, { client, clock }),
    secrets: createSecretMap({
      mappings: undefined,
      needsFor: false,
      env: {},
      directory: '/',
      connections: { default: { key: new FingerprintKey(new Uint8Array(32)), previous: [] } },
    }),
    ledger: noLedger(),
    clock,
    random: { next: () => 0.5 },
    telemetry: { emit: () => undefined },
    ...more,
  };
}

export function context(more: Partial<PlanContext> = {}): PlanContext {
  return {
    connection: 'default',
    installation: 'default',
    takeOver: [],
    mode: 'sweep',
    memory: createMemory(),
    ...more,
  };
}

/** Calls beside `getPlatform`, which is asked once a process. */
export function callsOf(host: Host): readonly string[] {
  return host
    .calls()
    .map(({ operation }) => operation)
    .filter((operation) => operation !== 'getPlatform');
}

export function times(count: number, operation: string): readonly string[] {
  return Array.from({ length: count }, () => operation);
}
