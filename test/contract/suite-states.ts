import { describe, expect, it } from 'vitest';

import { markCondition } from '../../src/core/plan/request-id.ts';
import {
  never,
  program,
  sandbox,
  production,
  inProduction,
  idOf,
  releaseOf,
  codeOf,
  create,
  patch,
  globalOf,
  patchGlobal,
  type Harness,
} from './suite-words.ts';

/** What a status forbids, and the global configuration. */
export function statesContract({ start, switches, marks, counted }: Harness): void {
  describe('a release that was applied for', () => {
    it('is not editable, and keeps what it had', async () => {
      const { platform, console } = await start();
      await create(platform, { key: production });
      await console({ action: 'apply', ...inProduction });
      const seen = await platform.release(production, never);

      const code = await codeOf(patch(platform, seen!, { clientId: 'C-2' }));
      const markOnly = await codeOf(patch(platform, seen!, {}, { mark: 'mark-2' }));

      expect(seen?.status).toBe('UnderReview');
      expect(code).toBe('NotEditable');
      expect(markOnly).toBe(marks ? 'NotEditable' : 'Stale');
      expect(await platform.release(production, never)).toEqual(seen);
    });

    it('says what was frozen, where it can', async () => {
      const { platform, console } = await start();
      await create(platform, { key: production });
      await console({ action: 'apply', ...inProduction });

      const seen = await platform.release(production, never);

      expect(seen?.frozen).toEqual(
        switches.frozen === false
          ? undefined
          : {
              clientId: { kind: 'text', text: 'C-1' },
              merchantId: { kind: 'text', text: 'M-1' },
              serverDomains: { kind: 'list', items: ['https://api.acme.example'] },
              testers: { kind: 'list', items: ['a', 'b'] },
            },
      );
    });

    it('lets testers alone in during pilot testing', async () => {
      const { platform, console } = await start();
      await create(platform, { key: production });
      await console({ action: 'apply', ...inProduction });
      await console({ action: 'approve', ...inProduction });
      const seen = await platform.release(production, never);

      const code = await codeOf(patch(platform, seen!, { testers: ['z'], clientId: 'C-2' }));
      const after = releaseOf(await patch(platform, seen!, { testers: ['z'] }, { mark: 'm' }));

      expect(seen?.status).toBe('PilotTesting');
      expect(code).toBe('NotEditable');
      expect(after.config).toMatchObject({
        clientId: { text: 'C-1' },
        testers: { items: ['z'] },
      });
    });

    it('moves the revision with its status, and is stale for who saw the old one', async () => {
      const { platform, console } = await start();
      const before = releaseOf(await create(platform, { key: production }));
      await console({ action: 'apply', ...inProduction });
      await console({ action: 'withdraw', ...inProduction });

      const seen = await platform.release(production, never);

      expect(seen?.status).toBe('NewVersionCreated');
      expect(seen?.revision !== before.revision).toBe(counted);
      expect(await codeOf(patch(platform, before, { clientId: 'C-2' }))).toBe(
        counted ? 'Stale' : 'done',
      );
    });
  });

  describe('patching the global configuration', () => {
    it('keeps, clears and replaces, and has a revision and a mark of its own', async () => {
      const { platform } = await start();
      const release = releaseOf(await create(platform));
      const before = await globalOf(platform);

      const written = await patchGlobal(
        platform,
        { clientId: 'C-9', serverDomains: null },
        { mark: 'global-mark' },
      );

      const after = await globalOf(platform);
      expect(written).toEqual({ kind: 'global', global: after });
      expect(after.config).toEqual({
        clientId: { kind: 'text', text: 'C-9' },
        merchantId: { kind: 'text', text: 'M-1' },
      });
      expect(after.mark).toBe(marks ? 'global-mark' : undefined);
      expect(after.revision).not.toBe(before.revision);
      const seen = await platform.release(sandbox, never);
      expect([seen?.revision, seen?.config]).toEqual([release.revision, release.config]);
    });

    it('is refused when it has changed since', async () => {
      const { platform, console } = await start();
      const seen = await globalOf(platform);
      await console({
        action: 'editGlobalConfig',
        workspace: 'acme',
        miniProgram: 'coffee',
        patch: { merchantId: 'by hand' },
      });

      const code = await codeOf(
        platform.write(
          {
            operation: 'patchGlobalConfig',
            key: program,
            patch: { merchantId: 'M-2' },
            condition: { ifRevision: seen.revision, ifMark: markCondition(seen.mark) },
          },
          idOf('stale'),
          never,
        ),
      );

      expect(code).toBe('Stale');
      expect((await globalOf(platform)).config.merchantId).toEqual({
        kind: 'text',
        text: 'by hand',
      });
    });

    it('may be of a mark alone, which does not move the revision', async () => {
      const { platform } = await start();
      const before = await globalOf(platform);

      const code = await codeOf(patchGlobal(platform, {}, { mark: 'm' }));

      expect(code).toBe(marks ? 'done' : 'Stale');
      expect(await globalOf(platform)).toEqual(marks ? { ...before, mark: 'm' } : before);
    });
  });
}
