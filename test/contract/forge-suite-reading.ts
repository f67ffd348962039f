import { describe, expect, it } from 'vitest';

import type { OpenStage } from './forge-suite.ts';

const marker = '<!-- fairlead:plan -->';

export function forgeReads(open: OpenStage): void {
  describe('a pull request', () => {
    it('is read as the forge has it', async () => {
      const { stage, forge, signal } = await open();
      const { number, head } = await stage.openPull({ title: 'Coffee <b>2.5.0</b> @everybody' });

      const pull = await forge.pull(number, signal);

      expect(pull).toMatchObject({
        number,
        title: 'Coffee <b>2.5.0</b> @everybody',
        author: stage.stranger,
        state: 'open',
        base: { branch: 'main' },
        head: { commit: head },
        isFork: false,
        isPrivate: false,
        fetchRef:
          stage.settings.name === 'gitlab'
            ? `refs/merge-requests/${number}/head`
            : `refs/pull/${number}/head`,
      });
      expect(pull.base.commit).toMatch(/^[0-9a-f]{40}$/);
      expect(pull.head.branch).not.toBe('');
      expect(pull.updatedAt).toBeGreaterThan(Date.UTC(2020, 0));
      expect(stage.faults()).toEqual([]);
    });

    it('has the newest head after a push', async () => {
      const { stage, forge, signal } = await open();
      const { number, head } = await stage.openPull();
      await forge.pull(number, signal);

      const pushed = await stage.push(number);

      expect(pushed).not.toBe(head);
      expect((await forge.pull(number, signal)).head.commit).toBe(pushed);
    });

    it('of a fork is known as one', async () => {
      const { stage, forge, signal } = await open();
      const { number } = await stage.openPull({ isFork: true });

      expect(await forge.pull(number, signal)).toMatchObject({ isFork: true });
      expect(stage.faults()).toEqual([]);
    });

    it.each(['closed', 'merged'] as const)('that is %s says so', async (how) => {
      const { stage, forge, signal } = await open();
      const { number } = await stage.openPull();
      await stage.end(number, how);

      expect((await forge.pull(number, signal)).state).toBe(how);
    });

    it('of a private repository says so', async () => {
      const { stage, forge, signal } = await open();
      await stage.makePrivate();
      const { number } = await stage.openPull();

      expect((await forge.pull(number, signal)).isPrivate).toBe(true);
    });

    it('that is not there is not found', async () => {
      const { forge, signal } = await open();

      await expect(forge.pull(99_999, signal)).rejects.toMatchObject({ code: 'ForgeNotFound' });
    });
  });

  describe('the open ones', () => {
    it('are those into the branch, newest first, from every page', async () => {
      const { stage, forge, signal } = await open();
      const wanted: number[] = [];
      for (let i = 0; i < 3; i++) wanted.push((await stage.openPull()).number);
      await stage.openPull({ base: 'stable' });
      await stage.end((await stage.openPull()).number, 'closed');
      await stage.capPages(2);

      const pulls = await forge.openPulls('main', signal);

      expect(pulls.map(({ number }) => number)).toEqual(wanted.toReversed());
      expect(pulls[0]).toEqual(await forge.pull(wanted[2]!, signal));
      expect(stage.faults()).toEqual([]);
    });

    it('are none where there are none', async () => {
      const { stage, forge, signal } = await open();

      expect(await forge.openPulls('main', signal)).toEqual([]);
      expect(stage.faults()).toEqual([]);
    });
  });

  describe('our comment', () => {
    it('is none before we wrote one', async () => {
      const { stage, forge, signal } = await open();
      const { number } = await stage.openPull();

      expect(await forge.ownComment(number, marker, signal)).toBeUndefined();
    });

    it('is the oldest of ours that begins with the marker', async () => {
      const { stage, forge, signal } = await open();
      const { number } = await stage.openPull();
      await stage.commentAs('ours', number, `see ${marker}`);
      const id = await stage.commentAs('ours', number, `${marker}\nfirst`);
      await stage.commentAs('ours', number, `${marker}\nsecond`);

      expect(await forge.ownComment(number, marker, signal)).toEqual({
        id,
        body: `${marker}\nfirst`,
      });
      expect(stage.faults()).toEqual([]);
    });

    it("is never a stranger's, whatever marker it begins with", async () => {
      const { stage, forge, signal } = await open();
      const { number } = await stage.openPull();
      await stage.commentAs('stranger', number, `${marker}\nforged`);

      expect(await forge.ownComment(number, marker, signal)).toBeUndefined();
      const id = await stage.commentAs('ours', number, `${marker}\nours`);
      expect(await forge.ownComment(number, marker, signal)).toEqual({
        id,
        body: `${marker}\nours`,
      });
    });

    it('is found behind pages of others', async () => {
      const { stage, forge, signal } = await open();
      const { number } = await stage.openPull();
      for (let i = 0; i < 4; i++) await stage.commentAs('stranger', number, `${marker} ${i}`);
      const id = await stage.commentAs('ours', number, marker);
      await stage.capPages(2);

      expect(await forge.ownComment(number, marker, signal)).toMatchObject({ id });
    });

    it('of another pull request is none of this one', async () => {
      const { stage, forge, signal } = await open();
      const [one, other] = [await stage.openPull(), await stage.openPull()];
      await stage.commentAs('ours', one.number, marker);

      expect(await forge.ownComment(other.number, marker, signal)).toBeUndefined();
    });
  });

  it('costs four requests and no write where nothing changed', async () => {
    const { stage, forge, signal } = await open();
    const { number, head } = await stage.openPull();
    await forge.putComment(number, undefined, `${marker}\nas it is`, signal);
    await forge.putStatus(
      head,
      { context: 'fairlead/plan', state: 'success', description: 'ok' },
      signal,
    );
    await forge.pull(number, signal);
    await forge.ownComment(number, marker, signal);
    stage.take();

    const pull = await forge.pull(number, signal);
    await forge.openPulls(pull.base.branch, signal);
    const own = await forge.ownComment(number, marker, signal);
    const statuses = await forge.statuses(pull.head.commit, signal);

    expect(own?.body).toBe(`${marker}\nas it is`);
    expect(statuses).toEqual([{ context: 'fairlead/plan', state: 'success', description: 'ok' }]);
    const asked = stage.take();
    expect(asked).toHaveLength(4);
    // GraphQL asks with POST.
    expect(
      asked.filter(({ method, path }) => method !== 'GET' && !path.endsWith('/graphql')),
    ).toEqual([]);
  });
}
