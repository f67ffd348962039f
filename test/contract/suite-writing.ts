import { describe, expect, it } from 'vitest';

import type { Written } from '../../src/core/model/write.ts';
import { reveal, SecretText } from '../../src/core/words/secret-text.ts';
import {
  never,
  sandbox,
  production,
  inSandbox,
  inProduction,
  idOf,
  collect,
  releaseOf,
  codeOf,
  create,
  patch,
  type Harness,
} from './suite-words.ts';

/** Selecting targets and configuring releases. */
export function writingContract({
  start,
  marks,
  conditional,
  remembers,
  readable,
  counted,
}: Harness): void {
  describe('selecting a target', () => {
    it('makes a record in New Version Created, configured, with a test QR code', async () => {
      const { platform } = await start();

      const written = releaseOf(await create(platform));

      expect(written).toMatchObject({
        key: sandbox,
        status: 'NewVersionCreated',
        config: {
          clientId: { kind: 'text', text: 'C-1' },
          testers: { kind: 'list', items: ['a', 'b'] },
        },
        testQrCode: expect.stringMatching(/./) as string,
      });
      expect(written.mark).toBe(marks ? 'mark-1' : undefined);
      expect(written.config).not.toHaveProperty('merchantId');
      expect(await platform.release(sandbox, never)).toEqual(written);
      expect(await collect(platform.releases({ workspace: 'acme' }, never))).toEqual([written]);
    });

    it('works once and never again', async () => {
      const { platform } = await start();
      const first = releaseOf(await create(platform, {}, 'one'));

      const second = await codeOf(create(platform, {}, 'two'));

      expect(second).toBe('AlreadySelected');
      expect(await collect(platform.releases({ workspace: 'acme' }, never))).toEqual([first]);
    });

    it('repeated with the same request id does nothing twice', async () => {
      const { platform } = await start();
      const first = releaseOf(await create(platform));

      const second = await create(platform).catch((error: unknown) => error);

      // Who remembers ids answers again; a fallback that reads first finds the record.
      if (remembers && conditional) expect(releaseOf(second as Written)).toEqual(first);
      else expect(second).toMatchObject({ code: 'AlreadySelected' });
      expect(await collect(platform.releases({ workspace: 'acme' }, never))).toEqual([first]);
    });

    it('is over for ever after a cancel', async () => {
      const { platform, console } = await start();
      await create(platform, { key: production });
      for (const action of ['apply', 'approve', 'cancel'] as const)
        await console({ action, ...inProduction });

      const again = await codeOf(create(platform, { key: production }, 'again'));

      expect(again).toBe('AlreadySelected');
      expect(await platform.release(production, never)).toMatchObject({ status: 'Canceled' });
    });

    it.each([
      { name: 'a program that is not there', key: { ...sandbox, miniProgram: 'none' } },
      { name: 'a version that is not there', key: { ...sandbox, version: '9.9.9' } },
      { name: 'an environment the app lacks', key: { ...sandbox, app: 'tapngo' } },
      { name: 'an app that is not there', key: { ...sandbox, app: 'nopay' } },
    ])('is refused for $name', async ({ key }) => {
      const { platform } = await start();

      expect(await codeOf(create(platform, { key }))).toBe('PlatformRefused');
      expect(await collect(platform.releases({ workspace: 'acme' }, never))).toEqual([]);
    });

    it.each([
      {
        name: 'six variables',
        key: sandbox,
        config: Object.fromEntries(
          ['A', 'B', 'C', 'D', 'E', 'F'].map((v) => [`environmentVariables/${v}`, 'x']),
        ),
      },
      {
        name: 'variables in an app that has them off',
        key: { ...sandbox, app: 'tapngo', environment: 'Test' as const },
        config: { 'environmentVariables/A': 'x' },
      },
      {
        name: 'domains of a program without the grant',
        key: { ...sandbox, miniProgram: 'cake', version: '1.0.0' },
        config: { serverDomains: ['https://a.example'] },
      },
    ])('is refused with $name', async ({ key, config }) => {
      const { platform } = await start();

      expect(await codeOf(create(platform, { key, config }))).toBe('PlatformRefused');
      expect(await platform.release(key, never)).toBeUndefined();
    });
  });

  describe('patching a release', () => {
    it('keeps what is absent, inherits what is null, replaces lists', async () => {
      const { platform } = await start();
      const before = releaseOf(await create(platform));

      const after = releaseOf(
        await patch(platform, before, { merchantId: 'M-2', clientId: null, testers: ['c'] }),
      );

      expect(after.config).toEqual({
        merchantId: { kind: 'text', text: 'M-2' },
        testers: { kind: 'list', items: ['c'] },
      });
      expect(after.revision).not.toBe(before.revision);
      expect(after.testQrCode).not.toBe(before.testQrCode);
      expect(after.mark).toBe(before.mark);
      expect(after.id).toBe(before.id);
      expect(await platform.release(sandbox, never)).toEqual(after);
    });

    it('upserts and removes variables by name, and gives them back sealed', async () => {
      const { platform } = await start();
      const created = await create(platform, {
        config: { 'environmentVariables/A': 'one', 'environmentVariables/B': 'two' },
      });

      const after = releaseOf(
        await patch(platform, releaseOf(created), {
          'environmentVariables/A': null,
          'environmentVariables/C': new SecretText('canary-value'),
        }),
      );

      expect(Object.keys(after.config).sort()).toEqual([
        'environmentVariables/B',
        'environmentVariables/C',
      ]);
      const value = after.config['environmentVariables/C'];
      if (readable) expect(value?.kind === 'sealed' && reveal(value.secret)).toBe('canary-value');
      else expect(value).toEqual({ kind: 'hidden' });
      expect(JSON.stringify(after)).not.toContain('canary-value');
    });

    it('that changes nothing leaves the test QR code and the revision', async () => {
      const { platform } = await start();
      const before = releaseOf(await create(platform));

      const after = releaseOf(await patch(platform, before, { testers: ['a', 'b'] }));

      expect(after).toEqual(before);
    });

    it('of a mark alone leaves everything but the mark', async () => {
      const { platform } = await start();
      const before = releaseOf(await create(platform));

      const written = patch(platform, before, {}, { mark: 'mark-2' });

      // Without marks there is nothing to write: the plan was made for another platform.
      if (!marks) expect(await codeOf(written)).toBe('Stale');
      else expect(releaseOf(await written)).toEqual({ ...before, mark: 'mark-2' });
      const { mark: _, ...rest } = before;
      expect(await platform.release(sandbox, never)).toMatchObject(rest);
    });

    it('is refused when the record has changed since', async () => {
      const { platform, console } = await start();
      const before = releaseOf(await create(platform));
      await console({
        action: 'editReleaseConfig',
        ...inSandbox,
        patch: { clientId: 'by hand' },
      });

      const code = await codeOf(patch(platform, before, { clientId: 'C-2' }));

      expect(code).toBe('Stale');
      expect(await platform.release(sandbox, never)).toMatchObject({
        config: { clientId: { text: 'by hand' } },
        ...(marks ? { mark: 'mark-1' } : {}),
      });
    });

    it('is refused when another’s mark was written since', async () => {
      const { platform } = await start();
      const before = releaseOf(await create(platform));
      if (marks) await patch(platform, before, {}, { mark: 'theirs' });

      const code = await codeOf(patch(platform, before, { clientId: 'C-2' }));

      expect(code).toBe(marks ? 'Stale' : 'done');
    });

    it('sees its own earlier write when it is repeated', async () => {
      const { platform } = await start();
      const before = releaseOf(await create(platform));
      const change = { clientId: 'C-2' };
      const first = releaseOf(await patch(platform, before, change));

      const second = await patch(platform, before, change).catch((error: unknown) => error);

      if (remembers && conditional) expect(releaseOf(second as Written)).toEqual(first);
      else expect(second).toMatchObject({ code: 'Stale' });
      expect(await platform.release(sandbox, never)).toEqual(first);
    });

    it('never comes back to an earlier revision', async () => {
      const { platform } = await start();
      const a = releaseOf(await create(platform, { config: { clientId: 'A' } }));
      const b = releaseOf(await patch(platform, a, { clientId: 'B' }));
      const again = releaseOf(await patch(platform, b, { clientId: 'A' }));

      expect(new Set([a.revision, b.revision, again.revision]).size).toBe(counted ? 3 : 2);
      expect(await codeOf(patch(platform, a, { clientId: 'C' }))).toBe(counted ? 'Stale' : 'done');
    });
  });

  it('does nothing for who has given up', async () => {
    const { platform } = await start();
    await platform.platform(never);
    const reason = new Error('given up');

    const code = create(platform, {}, 'aborted');
    await code;
    const aborted = platform.write(
      { operation: 'createRelease', key: production, config: {} },
      idOf('aborted-2'),
      AbortSignal.abort(reason),
    );

    await expect(aborted).rejects.toBe(reason);
    expect(await platform.release(production, never)).toBeUndefined();
  });
}
