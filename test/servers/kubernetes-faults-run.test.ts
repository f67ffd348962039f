import { readFile, writeFile } from 'node:fs/promises';

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import type { ControlPlane } from '../support/control-plane.ts';
import { type Fate, type FaultProxy, faultProxy } from '../support/kubernetes-proxy.ts';
import {
  becomes,
  type ClusterStage,
  clusterStage,
  patient,
  preparedPlane,
  type Running,
  settings,
} from './kubernetes-stage.ts';

/*
 * Whole controllers behind what networks, servers and other people do. What counts is the platform's own log: every value
 * that was declared last is there, each change was written once, and nothing was written for nothing.
 */

let plane: ControlPlane;
beforeAll(async () => {
  plane = await preparedPlane();
}, 120_000);
afterAll(async () => {
  await plane.stop();
});

let last: FaultProxy | undefined;
afterEach(({ task }) => {
  console.log(`${task.name}\n  ${last?.injected.slice(0, 12).join('\n  ') ?? ''}`);
  last = undefined;
});

const names = ['coffee', 'tea', 'juice'] as const;
const world = `apps:
  - { id: megapay, environments: [Production, Sandbox] }
workspaces:
  - id: acme
    miniPrograms:
${names.map((id) => `      - { id: "${id}", name: ${id}, versions: [1.0.0] }`).join('\n')}
`;

function declared(id: string): string {
  return `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: ${id} }
spec:
  workspace: acme
  id: ${id}
  targets: [{ app: megapay, environment: Sandbox, config: { merchantId: M-0 } }]
---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: ${id}-1.0.0 }
spec: { miniProgram: ${id}, version: 1.0.0, environments: [Sandbox] }
`;
}

interface Scene {
  readonly stage: ClusterStage;
  readonly namespace: string;
  readonly proxy: FaultProxy;
  readonly running: Running;
  /** Declares another value, not through the proxy. */
  readonly change: (name: string, value: string) => Promise<void>;
  /** The platform holds this value. */
  readonly arrives: (name: string, value: string) => Promise<void>;
  /** A further process of the same kind, at the API server itself. */
  readonly another: () => Promise<Running>;
}

const leases = 'leases: { durationSeconds: 3, renewSeconds: 2, retrySeconds: 0.3 }';

/** Three programs that stand as declared, kept by a controller behind a proxy. */
async function scene(before: (proxy: FaultProxy) => void = () => undefined): Promise<Scene> {
  const stage = await clusterStage(plane, world);
  const namespace = await plane.namespace();
  const proxy = await faultProxy(plane);
  last = proxy;
  before(proxy);
  const file = settings('intervals: { sweepSeconds: 2, silenceSeconds: 2, relistSeconds: 4 }');
  const config = await stage.place.write('settings.yaml', file.replace(/leases: .*/, leases));
  await stage.apply(names.map(declared).join('---\n'), namespace);
  const running = await stage.start(['--config', config], { kubeconfig: proxy.kubeconfig });
  for (const name of names) await becomes(stage, `mpr/${name}-1.0.0`, namespace, 'True InSync');
  return {
    ...{ stage, namespace, proxy, running },
    async change(name, value) {
      const target = { app: 'megapay', environment: 'Sandbox', config: { merchantId: value } };
      const path = `/apis/fairlead.dev/v1alpha1/namespaces/${namespace}/miniprograms/${name}`;
      const answer = await plane.call(path, {
        method: 'PATCH',
        contentType: 'application/merge-patch+json',
        body: { spec: { targets: [target] } },
      });
      expect(answer.status).toBe(200);
    },
    arrives: (name, value) =>
      vi.waitFor(async () => {
        const found = await stage.emulator.world();
        const own = found.slice(found.indexOf(`id: ${name}`));
        expect(own.match(/merchantId: (\S+)/)?.[1], name).toBe(value);
      }, patient),
    another: () => stage.start(['--config', config]),
  };
}

/** Writes that the platform performed, by program. */
async function performed({ stage }: Scene): Promise<Readonly<Record<string, number>>> {
  const calls = await stage.emulator.calls();
  const writes = calls.filter(
    ({ operation, http }) =>
      (operation === 'createRelease' || operation === 'patchReleaseConfig') && http.performed > 0,
  );
  expect(new Set(writes.map(({ requestId }) => requestId)).size, 'no write twice').toBe(
    writes.length,
  );
  const creates = writes.filter(({ operation }) => operation === 'createRelease');
  expect(creates.map(({ key }) => key).toSorted(), 'one record a target').toEqual(
    names.map((name) => `acme/${name}/1.0.0/megapay/Sandbox`).toSorted(),
  );
  return Object.fromEntries(
    names.map((name) => [name, writes.filter(({ key }) => key.split('/')[1] === name).length]),
  );
}

/** Everything stands as it was last declared, each change was written once, and statuses say so. */
async function endsWell(at: Scene, expected: Readonly<Record<string, number>>): Promise<void> {
  const { stage, namespace, proxy, running } = at;
  proxy.onRequest = () => 'pass';
  proxy.onLine = () => 'pass';
  proxy.isSilent = false;
  for (const name of names) await becomes(stage, `mpr/${name}-1.0.0`, namespace, 'True InSync');
  await vi.waitFor(async () => {
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200);
  }, patient);
  expect(await performed(at)).toEqual({ coffee: 1, tea: 1, juice: 1, ...expected });
  expect(running.said()).not.toContain('a bug in Fairlead');
}

const isAbout = (line: string, type: string): boolean => line.includes(`"type":"${type}"`);

describe('lists (F9)', () => {
  it('whose pages are small, slow, and expire in the middle are read whole', async () => {
    let expired = 0;
    const at = await scene((proxy) => {
      proxy.rewrite = (url) => url.replace('limit=500', 'limit=1');
      proxy.onRequest = ({ isList, url }) => {
        if (!isList) return 'pass';
        if (!url.includes('continue=') || expired > 2) return { delayMs: 50 };
        expired += 1;
        return { status: 410, body: { kind: 'Status', code: 410, reason: 'Expired' } };
      };
    });

    await at.change('coffee', 'M-1');

    await at.arrives('coffee', 'M-1');
    expect(expired).toBe(3);
    await endsWell(at, { coffee: 2 });
  });

  it('from which an object moves away between two pages lose nobody', async () => {
    const at = await scene();
    let isMoved = false;
    at.proxy.rewrite = (url) => url.replace('limit=500', 'limit=1');
    at.proxy.onRequest = async ({ isList, url }): Promise<Fate> => {
      if (!isList || isMoved || !url.includes('continue=') || !url.includes('miniprograms'))
        return 'pass';
      isMoved = true;
      const path = `/apis/fairlead.dev/v1alpha1/namespaces/${at.namespace}/miniprograms/coffee`;
      await plane.call(path, { method: 'DELETE' });
      await at.stage.apply(declared('coffee').replace('M-0', 'M-1'), at.namespace);
      return 'pass';
    };

    await vi.waitFor(() => expect(isMoved).toBe(true), patient);

    await at.arrives('coffee', 'M-1');
    await endsWell(at, { coffee: 2 });
  });
});

describe('watches (F10)', () => {
  it.each<{ name: string; strike: (at: Scene) => void }>([
    {
      name: 'say nothing any more',
      strike: ({ proxy }) => {
        proxy.isSilent = true;
      },
    },
    {
      name: 'leave out what changed',
      strike: ({ proxy }) => {
        proxy.onLine = (line) => (isAbout(line, 'MODIFIED') ? 'drop' : 'pass');
      },
    },
    {
      name: 'know no version any more',
      strike: ({ proxy }) => {
        const gone = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } };
        proxy.onLine = (line) =>
          isAbout(line, 'MODIFIED') ? { instead: JSON.stringify(gone) } : 'pass';
      },
    },
    {
      name: 'break in the middle of a line',
      strike: ({ proxy }) => {
        let left = 3;
        proxy.onLine = () => ((left -= 1) >= 0 ? 'break' : 'pass');
      },
    },
    {
      name: 'tell the past once more',
      strike: ({ proxy }) => {
        const lines: string[] = [];
        proxy.onLine = (line) => {
          if (!isAbout(line, 'MODIFIED')) return 'pass';
          lines.push(line);
          return { instead: [...lines, ...lines.toReversed()].join('\n') };
        };
      },
    },
  ])('that $name hold nothing back', async ({ strike }) => {
    const at = await scene();

    strike(at);
    await at.change('coffee', 'M-1');
    await at.arrives('coffee', 'M-1');
    await at.change('coffee', 'M-2');
    await at.arrives('coffee', 'M-2');

    await endsWell(at, { coffee: 3 });
  });

  it('that leave out a delete claim nothing for what is gone', async () => {
    const at = await scene();
    at.proxy.onLine = (line) => (isAbout(line, 'DELETED') ? 'drop' : 'pass');

    await at.stage.kubectl('-n', at.namespace, 'delete', 'mp/tea', 'mpr/tea-1.0.0');
    await at.stage.apply(
      declared('tea')
        .replaceAll('name: tea', 'name: green')
        .replace('M-0', 'M-1')
        .replace('miniProgram: tea', 'miniProgram: green'),
      at.namespace,
    );

    await at.arrives('tea', 'M-1');
    await becomes(at.stage, 'mpr/green-1.0.0', at.namespace, 'True InSync');
    expect(await performed(at)).toEqual({ coffee: 1, tea: 2, juice: 1 });
  });
});

describe('credentials (F11)', () => {
  it('that are refused for a while are said, and used again', async () => {
    const at = await scene();
    at.proxy.onRequest = () => ({ status: 401, body: { kind: 'Status', code: 401 } });
    at.proxy.breakAll();
    await at.change('tea', 'M-1');

    await vi.waitFor(async () => {
      const page = await fetch(`${at.running.url}/readyz?verbose`);
      expect(await page.text()).toContain('does not accept our credentials');
    }, patient);
    at.proxy.onRequest = () => 'pass';

    await at.arrives('tea', 'M-1');
    await endsWell(at, { tea: 2 });
  });

  it('that are exchanged in their file are read again', async () => {
    const at = await scene();
    const config = await readFile(at.proxy.kubeconfig, 'utf8');
    const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
    const fresh = await plane.user('fresh', [{ rules }]);
    at.proxy.refusedToken = plane.tokens.admin;
    await writeFile(at.proxy.kubeconfig, config.replace(plane.tokens.admin, fresh.token));
    at.proxy.breakAll();

    await at.change('tea', 'M-1');

    await at.arrives('tea', 'M-1');
    await endsWell(at, { tea: 2 });
  });
});

describe('leaders (F12)', () => {
  it('one that slept writes nothing of what another one did meanwhile', async () => {
    const at = await scene();
    const other = await at.another();

    at.running.child.kill('SIGSTOP');
    await at.change('coffee', 'M-1');
    await at.arrives('coffee', 'M-1');
    await at.change('coffee', 'M-2');
    await at.arrives('coffee', 'M-2');
    at.running.child.kill('SIGCONT');
    await at.change('juice', 'M-1');

    await at.arrives('juice', 'M-1');
    await endsWell(at, { coffee: 3, juice: 2 });
    expect(other.child.exitCode).toBeNull();
  });

  it('one whose Lease is stolen stops, and goes on when the thief does not renew it', async () => {
    const at = await scene();
    const path = '/apis/coordination.k8s.io/v1/namespaces/fairlead-system/leases/fairlead-shard-0';
    const stolen = await plane.call(path, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { spec: { holderIdentity: 'a-thief', leaseTransitions: 99 } },
    });
    expect(stolen.status).toBe(200);

    await at.change('juice', 'M-1');

    await at.arrives('juice', 'M-1');
    await endsWell(at, { juice: 2 });
  });
});

describe('statuses (F17)', () => {
  it.each([
    {
      name: 'is taken away',
      why: 'it is made from what is there',
      body: { status: null },
    },
    {
      name: 'says that all is well, of a generation to come',
      why: 'it is no truth, whoever wrote it',
      body: { status: { observedGeneration: 99, progress: '9/9', conditions: [] } },
    },
  ])('that $name is written anew, and nothing is done for it', async ({ body, why }) => {
    const at = await scene();
    const path = `/apis/fairlead.dev/v1alpha1/namespaces/${at.namespace}/miniprogramreleases/tea-1.0.0/status`;
    const call = { method: 'PATCH', contentType: 'application/merge-patch+json', body } as const;
    expect((await plane.call(path, call)).status).toBe(200);

    await at.change('tea', 'M-1');

    await at.arrives('tea', 'M-1');
    await endsWell(at, { tea: 2 });
    const { status } = await at.stage.get('mpr/tea-1.0.0', at.namespace);
    expect(status?.progress, why).toBe('1/1');
  });
});

describe('keys (F19)', () => {
  it('that another namespace declares, too, stay with the one who was first', async () => {
    const at = await scene();
    const neighbour = await plane.namespace();

    await at.stage.apply(declared('tea').replace('M-0', 'M-9'), neighbour);
    await becomes(at.stage, 'mpr/tea-1.0.0', neighbour, 'False TargetConflict');
    await at.change('tea', 'M-1');

    await at.arrives('tea', 'M-1');
    await endsWell(at, { tea: 2 });
  });
});
