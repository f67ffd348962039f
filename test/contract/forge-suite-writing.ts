import { describe, expect, it } from 'vitest';

import type { OpenStage } from './forge-suite.ts';

const marker = '<!-- fairlead:plan -->';
const writesComment = /^POST .*(?:comments|notes)$/;

export function forgeWrites(open: OpenStage): void {
  describe('writing the comment', () => {
    it('writes one, then edits it in place', async () => {
      const { stage, forge, signal } = await open();
      const { number } = await stage.openPull();

      const first = await forge.putComment(number, undefined, `${marker}\none`, signal);
      const second = await forge.putComment(number, first, `${marker}\ntwo`, signal);

      expect(second).toEqual({ id: first.id, body: `${marker}\ntwo` });
      expect(await stage.comments(number)).toEqual([
        { id: first.id, author: 'ours', body: `${marker}\ntwo` },
      ]);
      expect(stage.faults()).toEqual([]);
    });

    it('writes anew what somebody deleted', async () => {
      const { stage, forge, signal } = await open();
      const { number } = await stage.openPull();
      const first = await forge.putComment(number, undefined, `${marker}\none`, signal);
      await stage.deleteComment(first.id);

      const second = await forge.putComment(number, first, `${marker}\ntwo`, signal);

      expect(second.id).not.toBe(first.id);
      expect(await stage.comments(number)).toEqual([
        { id: second.id, author: 'ours', body: `${marker}\ntwo` },
      ]);
    });

    it('keeps every character', async () => {
      const { stage, forge, signal } = await open();
      const { number } = await stage.openPull();
      const body = `${marker}\n| ✋ | \u202e | 🆕 | \`a\\b\` |\n${'ä€😀'.repeat(5_000)}`;

      const own = await forge.putComment(number, undefined, body, signal);

      expect((await stage.comments(number))[0]?.body).toBe(body);
      expect((await forge.ownComment(number, marker, signal))?.body).toBe(body);
      expect(own.body).toBe(body);
    });

    it.each([
      { how: 'lose', why: 'it was written, and nobody said so: it is looked for' },
      { how: 'drop', why: 'it was not written, and nobody said so: it is written after looking' },
      { how: { status: 502, body: 'bad gateway' }, why: 'who answers 502 may have passed it on' },
    ] as const)('leaves one comment where the answer is $how', async ({ how, why }) => {
      const { stage, forge, signal } = await open();
      const { number } = await stage.openPull();
      stage.trouble({ at: writesComment, how });

      const own = await forge.putComment(number, undefined, `${marker}\none`, signal);

      expect(await stage.comments(number), why).toEqual([
        { id: own.id, author: 'ours', body: `${marker}\none` },
      ]);
    });

    it('says so where it never learns', async () => {
      const { stage, forge, signal } = await open();
      const { number } = await stage.openPull();
      stage.trouble({ at: writesComment, how: 'drop', times: 99 });

      await expect(forge.putComment(number, undefined, marker, signal)).rejects.toMatchObject({
        code: 'ForgeUnavailable',
      });
      expect(await stage.comments(number)).toEqual([]);
    });
  });

  describe('statuses', () => {
    it('are the newest of each context of ours', async () => {
      const { stage, forge, signal } = await open();
      const { number, head } = await stage.openPull();
      await forge.pull(number, signal);
      await stage.statusOfOthers(head, 'ci/build');
      for (const [context, state, description] of [
        ['fairlead/plan', 'pending', 'reading'],
        ['fairlead/plan', 'failure', 'blocked: one target'],
        ['fairlead/production', 'success', 'nothing'],
        ['fairlead/sandbox', 'error', 'the platform is down'],
      ] as const)
        await forge.putStatus(head, { context, state, description }, signal);

      const statuses = await forge.statuses(head, signal);

      expect(statuses.toSorted((a, b) => (a.context < b.context ? -1 : 1))).toEqual([
        { context: 'fairlead/plan', state: 'failure', description: 'blocked: one target' },
        { context: 'fairlead/production', state: 'success', description: 'nothing' },
        { context: 'fairlead/sandbox', state: 'error', description: 'the platform is down' },
      ]);
      expect(stage.faults()).toEqual([]);
    });

    it.each(['pending', 'success', 'failure', 'error'] as const)(
      'of %s may be set twice',
      async (state) => {
        const { stage, forge, signal } = await open();
        const { number, head } = await stage.openPull();
        await forge.pull(number, signal);
        const status = { context: 'fairlead/plan', state, description: 'same' } as const;

        await forge.putStatus(head, status, signal);
        await forge.putStatus(head, status, signal);

        expect(await forge.statuses(head, signal)).toEqual([status]);
      },
    );

    it('of a fork are set as well', async () => {
      const { stage, forge, signal } = await open();
      const { number, head } = await stage.openPull({ isFork: true });
      await forge.pull(number, signal);

      await forge.putStatus(
        head,
        { context: 'fairlead/plan', state: 'success', description: '' },
        signal,
      );

      expect(await stage.statusCount(head, 'fairlead/plan')).toBe(1);
      expect(stage.faults()).toEqual([]);
    });

    it('that say too much are cut', async () => {
      const { stage, forge, signal } = await open();
      const { number, head } = await stage.openPull();
      await forge.pull(number, signal);

      await forge.putStatus(
        head,
        { context: 'fairlead/plan', state: 'success', description: '😀'.repeat(200) },
        signal,
      );

      const [status] = await forge.statuses(head, signal);
      expect(status?.description).toBe(`${'😀'.repeat(139)}…`);
      expect(stage.faults()).toEqual([]);
    });

    it('of another commit are none of this one', async () => {
      const { stage, forge, signal } = await open();
      const { number, head } = await stage.openPull();
      await forge.pull(number, signal);
      await forge.putStatus(
        head,
        { context: 'fairlead/plan', state: 'success', description: '' },
        signal,
      );

      const pushed = await stage.push(number);

      expect(await forge.statuses(pushed, signal)).toEqual([]);
    });
  });
}
