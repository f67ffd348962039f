import { describe, expect, it } from 'vitest';

import type { ObservedRelease } from '../../src/core/model/observed.ts';
import { admin, developer } from './contract-world.ts';
import {
  never,
  program,
  sandbox,
  production,
  inSandbox,
  inProduction,
  collect,
  listing,
  codeOf,
  create,
  patch,
  patchGlobal,
  type Harness,
} from './suite-words.ts';

/** What is there, to whom, and in which lists. */
export function readingContract({ start, switches, marks, conditional, remembers }: Harness): void {
  describe('what there is', () => {
    it('says who it is, what it can do and what the caller may', async () => {
      const { platform } = await start();

      const info = await platform.platform(never);

      expect(info).toMatchObject({
        id: 'megapay',
        emulator: true,
        capabilities: {
          conditionalWrites: conditional,
          requestIds: remembers,
          marks,
          increments: switches.increments ?? true,
          frozen: switches.frozen ?? true,
          variables: switches.variables ?? 'readable',
        },
        caller: { client: admin, workspaces: [{ id: 'acme' }] },
      });
    });

    it('lists mini programs with their global configuration', async () => {
      const { platform } = await start();

      const all = await collect(platform.miniPrograms('acme', undefined, never));
      const two = await collect(platform.miniPrograms('acme', ['tea', 'coffee'], never));
      const none = await collect(platform.miniPrograms('acme', ['missing'], never));

      const ids = (found: typeof all) => found.map(({ key }) => key.miniProgram).sort();
      expect(ids(all)).toEqual(['cake', 'coffee', 'tea']);
      expect(ids(two)).toEqual(['coffee', 'tea']);
      expect(none).toEqual([]);
      expect(all.find(({ key }) => key.miniProgram === 'coffee')).toMatchObject({
        key: program,
        name: 'Coffee',
        type: 'DSL',
        domainsGranted: true,
        global: {
          config: {
            merchantId: { kind: 'text', text: 'M-1' },
            serverDomains: { kind: 'list', items: ['https://api.acme.example'] },
          },
        },
      });
    });

    it('lists versions and the targets that apps offer', async () => {
      const { platform } = await start();

      const versions = await platform.versions(program, never);
      const targets = await platform.targets(program, never);

      expect([...versions].sort()).toEqual(['2.3.0', '2.4.0', '2.5.0']);
      expect(targets.toSorted((a, b) => (a.app < b.app ? -1 : 1))).toMatchObject([
        { app: 'megapay', environmentVariables: true, pilotTesting: true },
        { app: 'tapngo', environmentVariables: false },
      ]);
      expect(new Set(targets.find(({ app }) => app === 'tapngo')?.environments)).toEqual(
        new Set(['Production', 'Test']),
      );
    });

    it('has no record before a target is selected', async () => {
      const { platform } = await start();

      expect(await platform.release(sandbox, never)).toBeUndefined();
      expect(await platform.release({ ...sandbox, version: '9.9.9' }, never)).toBeUndefined();
      expect(await platform.release({ ...sandbox, miniProgram: 'none' }, never)).toBeUndefined();
      expect(await collect(platform.releases({ workspace: 'acme' }, never))).toEqual([]);
    });
  });

  describe('listing releases', () => {
    const keys = ['2.3.0', '2.4.0', '2.5.0'].flatMap((version) =>
      (['Production', 'Sandbox'] as const).map((environment) => ({
        ...sandbox,
        version,
        environment,
      })),
    );
    const filled = async () => {
      const made = await start();
      for (const [index, key] of keys.entries())
        await create(made.platform, { key }, `fill-${index}`);
      const tea = { ...sandbox, miniProgram: 'tea', version: '1.0.0' };
      await create(made.platform, { key: tea }, 'tea');
      await made.console({ action: 'apply', ...inProduction });
      return made;
    };
    const shown = (items: readonly ObservedRelease[]) =>
      items.map(({ key }) => `${key.miniProgram} ${key.version} ${key.environment}`).sort();

    it('gives every record once, whatever the page size', async () => {
      const { platform } = await filled();

      const items = await collect(platform.releases({ workspace: 'acme' }, never));

      expect(shown(items)).toEqual([
        'coffee 2.3.0 Production',
        'coffee 2.3.0 Sandbox',
        'coffee 2.4.0 Production',
        'coffee 2.4.0 Sandbox',
        'coffee 2.5.0 Production',
        'coffee 2.5.0 Sandbox',
        'tea 1.0.0 Sandbox',
      ]);
    });

    it.each([
      {
        name: 'programs',
        query: { miniPrograms: ['tea', 'cake'] },
        expected: ['tea 1.0.0 Sandbox'],
      },
      {
        name: 'versions',
        query: { versions: ['2.3.0', '1.0.0'] },
        expected: ['coffee 2.3.0 Production', 'coffee 2.3.0 Sandbox', 'tea 1.0.0 Sandbox'],
      },
      {
        name: 'programs and versions',
        query: { miniPrograms: ['coffee', 'tea'], versions: ['2.5.0'] },
        expected: ['coffee 2.5.0 Production', 'coffee 2.5.0 Sandbox'],
      },
      {
        name: 'statuses',
        query: { statuses: ['UnderReview', 'Canceled'] as const },
        expected: ['coffee 2.4.0 Production'],
      },
      { name: 'no program at all', query: { miniPrograms: [] }, expected: [] },
    ])('filters by $name', async ({ query, expected }) => {
      const { platform } = await filled();

      const items = await collect(platform.releases({ workspace: 'acme', ...query }, never));

      expect(shown(items)).toEqual(expected);
    });

    it('gives a cursor that lists later changes, where it can', async () => {
      const { platform, console } = await filled();
      const { cursor } = await listing(platform.releases({ workspace: 'acme' }, never));
      await console({
        action: 'editReleaseConfig',
        ...inSandbox,
        patch: { clientId: 'by hand' },
      });

      if (switches.increments === false) {
        expect(cursor).toBeUndefined();
        const query = { workspace: 'acme', cursor: 'any' };
        expect(await codeOf(collect(platform.releases(query, never)))).toBe('ListExpired');
        return;
      }
      const later = await listing(platform.releases({ workspace: 'acme', cursor: cursor! }, never));
      const empty = await listing(
        platform.releases({ workspace: 'acme', cursor: later.cursor! }, never),
      );
      expect(shown(later.items)).toEqual(['coffee 2.4.0 Sandbox']);
      expect(empty.items).toEqual([]);
    });
  });

  describe('rights', () => {
    it('a developer of the program may neither select, nor configure', async () => {
      const { platform, console } = await start(developer);
      await console({ action: 'selectTarget', ...inSandbox });
      const seen = await platform.release(sandbox, never);

      expect(await codeOf(create(platform, { key: production }))).toBe('AccessDenied');
      expect(await codeOf(patch(platform, seen!, { clientId: 'C-2' }))).toBe('AccessDenied');
      expect(await codeOf(patchGlobal(platform, { clientId: 'C-2' }))).toBe('AccessDenied');
      expect(await platform.release(sandbox, never)).toEqual(seen);
    });

    it('a stranger is told nothing of a workspace', async () => {
      const { platform } = await start('stranger');

      const programs = platform.miniPrograms('acme', undefined, never);

      expect(await codeOf(collect(programs))).toBe('AccessDenied');
      expect(await codeOf(collect(platform.releases({ workspace: 'acme' }, never)))).toBe(
        'AccessDenied',
      );
    });
  });
}
