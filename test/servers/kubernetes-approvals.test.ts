import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { ControlPlane } from '../support/control-plane.ts';
import { coffee, world } from '../support/cli-world.ts';
import {
  approvalsPolicy,
  becomes,
  clusterStage,
  patient,
  preparedPlane,
  settings,
  type ClusterStage,
} from './kubernetes-stage.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await preparedPlane();
}, 120_000);
afterAll(async () => {
  await plane.stop();
});

const name = 'coffee-2.4.0';
const release = `mpr/${name}`;
const careful = coffee.replace('  targets:', '  policy: { onChange: Plan }\n  targets:');
const writes = new Set(['createRelease', 'patchReleaseConfig', 'patchGlobalConfig']);
const policies = 'validatingadmissionpolicy,validatingadmissionpolicybinding';

/** A release that policy holds, and what people do with it. */
async function held(stage: ClusterStage) {
  const namespace = await plane.namespace();
  await stage.apply(careful, namespace);
  const config = await stage.place.write(
    'settings.yaml',
    settings('intervals: { sweepSeconds: 2 }'),
  );
  const start = () => stage.start(['--config', config]);
  const controller = await start();
  const { status } = await becomes(stage, release, namespace, 'False AwaitingApproval');
  const id = status?.changeId ?? '';
  let asks = 0;
  const annotate = (...values: readonly string[]) =>
    stage.kubectl('-n', namespace, 'annotate', '--overwrite', 'mpr', name, ...values);
  const say = () => stage.get(release, namespace);
  return {
    ...{ namespace, id, controller, start, annotate, say },
    approve: () => annotate(`fairlead.dev/approve=${id}`),
    says: (...words: readonly string[]) =>
      vi.waitFor(async () => {
        const message = (await say()).status?.conditions?.[0]?.message ?? '';
        for (const word of words) expect(message).toContain(word);
      }, patient),
    /** A pass that began after this call is over. */
    async pass() {
      asks += 1;
      await annotate(`fairlead.dev/reconcile-requested-at=ask-${asks}`);
      await vi.waitFor(async () => {
        expect((await say()).status?.lastHandledReconcileAt).toBe(`ask-${asks}`);
      }, patient);
    },
    async written() {
      const calls = await stage.emulator.calls();
      return calls.filter(({ operation }) => writes.has(operation)).length;
    },
  };
}

/** What is set in this moment after the policy came is told to be set again. */
async function untilSettled(since: number): Promise<void> {
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(since + 7_000), patient);
}

describe('an approval by annotation', () => {
  it('that was set while no policy was there never counts, whoever comes back and whatever is written beside it', async () => {
    const stage = await clusterStage(plane, world);
    const { id, controller, start, annotate, approve, says, pass, written, ...rest } =
      await held(stage);
    await approve();
    await says('Approvals by annotation are ignored', 'fairlead-approvals: it is missing');
    await controller.stop();

    await stage.apply(await approvalsPolicy());
    const installed = Date.now();
    await untilSettled(installed);
    // The same manager writes again: the API server calls the annotation's owner younger than the policy.
    await annotate('example.com/note=1');
    await start();
    await says('counts for nothing', 'set it again');
    await pass();
    const inVain = await written();
    const spent = (await rest.say()).status?.usedApprovals;
    await annotate('fairlead.dev/approve-');
    await vi.waitFor(async () => {
      const { status } = await rest.say();
      expect([status?.usedApprovals, status?.conditions?.[0]?.message]).toEqual([
        undefined,
        expect.not.stringContaining('counts for nothing'),
      ]);
    }, patient);
    await approve();

    const done = await becomes(stage, release, rest.namespace, 'True InSync');
    expect([inVain, spent]).toEqual([0, [id]]);
    expect(done.status?.usedApprovals).toContain(id);
    expect(await written()).toBe(2);
    await stage.kubectl('delete', policies, 'fairlead-approvals');
  });

  it('never counts that nobody saw before the policy came: only the object tells when it was set', async () => {
    const stage = await clusterStage(plane, world);
    const { controller, start, annotate, approve, says, pass, written } = await held(stage);
    await controller.stop();
    await approve();
    const since = Date.now();

    await stage.apply(await approvalsPolicy());
    await untilSettled(since);
    await annotate('example.com/note=1');
    await start();

    await says('counts for nothing', 'set it again');
    await pass();
    expect(await written()).toBe(0);
    await stage.kubectl('delete', policies, 'fairlead-approvals');
  });

  it('counts that was set while no controller ran and the policy was there', async () => {
    const stage = await clusterStage(plane, world);
    await stage.apply(await approvalsPolicy());
    await untilSettled(Date.now());
    const { controller, start, approve, namespace, written } = await held(stage);
    await controller.stop();
    await approve();

    await start();

    await becomes(stage, release, namespace, 'True InSync');
    expect(await written()).toBe(2);
    await stage.kubectl('delete', policies, 'fairlead-approvals');
  });

  it.each([
    {
      name: 'a binding that only writes into the audit log',
      change: (text: string) =>
        text.replace(/validationActions:\s*(\[Deny\]|- Deny)/, 'validationActions: [Audit]'),
      says: 'ValidatingAdmissionPolicyBinding fairlead-approvals: spec.validationActions does not say Deny',
    },
    {
      name: 'a policy that lets everybody approve',
      change: (text: string) => text.replace(' || variables.mayApprove', ' || true'),
      says: 'ValidatingAdmissionPolicy fairlead-approvals: spec.validations does not ask what this release asks for',
    },
  ])(
    'is ignored under $name, and status and log say what is wrong',
    async ({ change, says: fault }) => {
      const stage = await clusterStage(plane, world);
      const whole = await approvalsPolicy();
      expect(change(whole), 'a change, or this shows nothing').not.toBe(whole);
      await stage.apply(change(whole));
      await untilSettled(Date.now());
      const { controller, approve, says, pass, written } = await held(stage);

      await approve();

      await says(fault, 'ask the administrator');
      await pass();
      expect(await written()).toBe(0);
      expect(controller.said()).toContain(fault);
      await stage.kubectl('delete', policies, 'fairlead-approvals');
    },
  );
});
