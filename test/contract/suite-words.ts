import type { ObservedRelease } from '../../src/core/model/observed.ts';
import type { PlatformWrite, RequestId, WritePatch, Written } from '../../src/core/model/write.ts';
import { markCondition } from '../../src/core/plan/request-id.ts';
import { digestOf } from '../../src/core/words/digests.ts';
import type { Field } from '../../src/core/words/fields.ts';
import type { Platform } from '../../src/platform/fallbacks.ts';
import type { ContractPlatform, Variant } from './contract-world.ts';

/** What the parts of the suite work with. */
export interface Harness {
  /** A platform of its own for one test; closed after it. */
  readonly start: (client?: string) => Promise<ContractPlatform>;
  readonly switches: Variant;
  readonly marks: boolean;
  readonly conditional: boolean;
  readonly remembers: boolean;
  readonly readable: boolean;
  /** Revisions never come back, as the contract wants it. */
  readonly counted: boolean;
}

export const never = new AbortController().signal;
export const program = { platform: 'megapay', workspace: 'acme', miniProgram: 'coffee' };
export const sandbox = {
  ...program,
  version: '2.4.0',
  app: 'megapay',
  environment: 'Sandbox',
} as const;
export const production = { ...sandbox, environment: 'Production' } as const;
const place = { workspace: 'acme', miniProgram: 'coffee', version: '2.4.0', app: 'megapay' };
export const inSandbox = { ...place, environment: 'Sandbox' } as const;
export const inProduction = { ...place, environment: 'Production' } as const;

/** A request id of the shape that is derived from what is written; here made from a word. */
export const idOf = (word: string) => word.padEnd(43, '_') as RequestId;

export async function collect<T>(
  pages: AsyncIterable<{ readonly items: readonly T[] }>,
): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...page.items);
  return items;
}

/** Items and the cursor at the end of a list. */
export async function listing(pages: ReturnType<Platform['releases']>) {
  const items: ObservedRelease[] = [];
  let cursor: string | undefined;
  for await (const page of pages) {
    items.push(...page.items);
    cursor = page.cursor;
  }
  return { items, cursor };
}

export function releaseOf(written: Written | undefined): ObservedRelease {
  if (written?.kind !== 'release') throw new Error('no release was written');
  return written.release;
}

export const codeOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    (error: unknown) => (error as { code?: unknown }).code ?? error,
  );

export const create = (platform: Platform, change: Partial<PlatformWrite> = {}, id = 'create') =>
  platform.write(
    {
      operation: 'createRelease',
      key: sandbox,
      config: { clientId: 'C-1', testers: ['b', 'a'] },
      mark: 'mark-1',
      ...change,
    } as PlatformWrite,
    idOf(id),
    never,
  );
export const patch = (
  platform: Platform,
  seen: ObservedRelease,
  change: WritePatch,
  extra: object = {},
) =>
  platform.write(
    {
      operation: 'patchReleaseConfig',
      key: seen.key,
      patch: change,
      condition: { ifRevision: seen.revision, ifMark: markCondition(seen.mark) },
      ...extra,
    },
    idOf(digestOf(JSON.stringify([seen.revision, change, extra]))),
    never,
  );
export const globalOf = async (platform: Platform) => {
  const [found] = await collect(platform.miniPrograms('acme', ['coffee'], never));
  if (!found) throw new Error('no program');
  return found.global;
};
export const patchGlobal = async (
  platform: Platform,
  change: WritePatch<Field>,
  extra: object = {},
) => {
  const seen = await globalOf(platform);
  return platform.write(
    {
      operation: 'patchGlobalConfig',
      key: program,
      patch: change,
      condition: { ifRevision: seen.revision, ifMark: markCondition(seen.mark) },
      ...extra,
    },
    idOf(`global-${seen.revision}`),
    never,
  );
};
