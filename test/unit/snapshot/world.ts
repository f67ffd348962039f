import {
  revision,
  type Capabilities,
  type ObservedProgram,
  type ObservedRelease,
} from '../../../src/core/model/observed.ts';
import { writeSnapshot, type SnapshotInput } from '../../../src/core/snapshot/write.ts';
import type { Environment } from '../../../src/core/words/environments.ts';
import type { ObservedConfig } from '../../../src/core/words/fields.ts';
import { releaseId } from '../../../src/core/words/keys.ts';
import { SecretText } from '../../../src/core/words/secret-text.ts';
import type { Status } from '../../../src/core/words/statuses.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { program, release, resolveFiles, stream } from '../resolve/world.ts';

export const key = { platform: 'default', workspace: 'acme', miniProgram: '35' };
export const capabilities: Capabilities = {
  conditionalWrites: true,
  requestIds: true,
  marks: true,
  increments: false,
  frozen: true,
  variables: 'readable',
  maxPageSize: 100,
  maxIdsPerFilter: 50,
};
export const sealed = (text: string) => ({ kind: 'sealed', secret: new SecretText(text) }) as const;
export const text = (value: string) => ({ kind: 'text', text: value }) as const;

export function record(
  version: string,
  environment: Environment,
  status: Status,
  config: ObservedConfig,
  more: Partial<ObservedRelease> = {},
): ObservedRelease {
  return {
    key: { ...key, version, app: 'megapay', environment },
    id: `r-${version}-${environment}`,
    status,
    revision: revision('17'),
    config,
    testQrCode: 'https://qr.example/never-in-git',
    ...more,
  };
}

export function observed(
  releases: readonly ObservedRelease[],
  more: Partial<ObservedProgram> = {},
): ObservedProgram {
  return {
    key,
    existence: 'exists',
    miniProgram: {
      key,
      name: 'Coffee',
      type: 'DSL',
      global: {
        revision: revision('3'),
        mark: 'mark-of-global',
        config: { merchantId: text('M-77') },
      },
    },
    releases: Object.fromEntries(releases.map((one) => [releaseId(one.key), one])),
    complete: true,
    capabilities,
    bases: {},
    attested: false,
    observedAt: epochMs(0),
    ...more,
  };
}

export function written(
  programs: readonly ObservedProgram[],
  more: Partial<SnapshotInput> = {},
): string {
  return writeSnapshot({
    platform: 'default',
    emulator: false,
    capabilities,
    observedAt: epochMs(1798135200000),
    programs,
    declared: [],
    ...more,
  });
}

export const declared = resolveFiles({
  'a.yaml': stream(
    program('  config: { merchantId: M }'),
    release(
      '2.0.0',
      '  targets: [{ app: megapay, environment: Test, config: { environmentVariables: [{ name: HOST, value: https://pay.example }] } }]',
    ),
  ),
}).programs;
