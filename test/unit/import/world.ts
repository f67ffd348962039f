import { importProgram, type Imported, type ImportInput } from '../../../src/core/import/import.ts';
import {
  revision,
  type ObservedMiniProgram,
  type ObservedProgram,
  type ObservedRelease,
} from '../../../src/core/model/observed.ts';
import type { Plan } from '../../../src/core/model/plan.ts';
import { makePlan } from '../../../src/core/plan/make-plan.ts';
import { markAfter } from '../../../src/core/plan/next-mark.ts';
import { FingerprintKey } from '../../../src/core/words/digests.ts';
import type { Environment } from '../../../src/core/words/environments.ts';
import { type ObservedConfig, listOf } from '../../../src/core/words/fields.ts';
import { releaseId } from '../../../src/core/words/keys.ts';
import { SecretText } from '../../../src/core/words/secret-text.ts';
import type { Status } from '../../../src/core/words/statuses.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { resolveFiles } from '../resolve/world.ts';

export const key = { platform: 'p', workspace: 'acme', miniProgram: '3500020208396321' };
export const text = (value: string) => ({ kind: 'text', text: value }) as const;
export const sealed = (value: string) =>
  ({ kind: 'sealed', secret: new SecretText(value) }) as const;
export const list = (...items: readonly string[]) => listOf(items);

export const coffee: ObservedMiniProgram = {
  key,
  name: 'Coffee',
  global: { revision: revision('1'), config: {} },
};

/** A record of `version` at `app/environment`. */
export function record(
  version: string,
  target: string,
  status: Status,
  config: ObservedConfig = {},
  frozen?: ObservedConfig,
): ObservedRelease {
  const [app = '', environment = ''] = target.split('/');
  return {
    key: { ...key, version, app, environment: environment as Environment },
    id: `${version}-${target}`,
    status,
    revision: revision('7'),
    config,
    ...(frozen !== undefined && { frozen }),
  };
}

export function imported(
  releases: readonly ObservedRelease[],
  more: Partial<ImportInput> = {},
): Imported {
  return importProgram({
    connection: 'default',
    program: coffee,
    literals: new Set(),
    all: false,
    releases,
    ...more,
  });
}

const fingerprints = {
  key: new FingerprintKey(new Uint8Array(32).fill(7)),
  previous: [],
  secrets: {},
};
const installation = 'default';

/** The plan of imported files against what they were imported from. */
export function planOf(
  files: Imported['files'],
  program: ObservedMiniProgram,
  releases: readonly ObservedRelease[],
): Plan {
  const trust = { connections: { default: { platformId: program.key.platform } }, order: [] };
  const { programs } = resolveFiles(
    Object.fromEntries(files.map((file) => [file.path, file.text])),
    trust,
  );
  const observed: ObservedProgram = {
    key: program.key,
    existence: 'exists',
    miniProgram: program,
    releases: Object.fromEntries(releases.map((release) => [releaseId(release.key), release])),
    complete: true,
    capabilities: {
      conditionalWrites: true,
      requestIds: true,
      marks: true,
      increments: true,
      frozen: true,
      variables: 'readable',
      maxPageSize: 100,
      maxIdsPerFilter: 100,
    },
    bases: {},
    attested: false,
    observedAt: epochMs(0),
  };
  const now = epochMs(0);
  return makePlan({
    desired: programs[0]!,
    observed,
    fingerprints,
    installation,
    takeOver: [],
    emulator: false,
    now,
  });
}

/** What the platform holds after every adoption of a plan. */
export function adopted(
  plan: Plan,
  program: ObservedMiniProgram,
  releases: readonly ObservedRelease[],
): { readonly program: ObservedMiniProgram; readonly releases: readonly ObservedRelease[] } {
  const [global] = plan.global;
  const mark = (change: Plan['changes'][number] | Plan['global'][number]) =>
    markAfter({ change, applied: [], installation, fingerprints });
  const changes = new Map(plan.changes.map((change) => [releaseId(change.key), change]));
  return {
    program:
      global === undefined
        ? program
        : { ...program, global: { ...program.global, mark: mark(global) } },
    releases: releases.map((release) => {
      const change = changes.get(releaseId(release.key));
      return change?.action === 'adopt' ? { ...release, mark: mark(change) } : release;
    }),
  };
}
