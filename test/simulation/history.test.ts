import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryEntry } from '../../src/core/model/history.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { openHistory } from '../../src/ledger/history.ts';
import { faultWorld } from './faults-world.ts';
import { createLoopScene, type LoopScene } from './loop-scene.ts';

let folder = '';
let scene: LoopScene;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-history-'));
  scene = createLoopScene({ world: faultWorld() });
});
afterEach(async () => {
  await scene.stop();
  await rm(folder, { recursive: true, force: true });
});

function commit(config: string): void {
  scene.repositories['team']!.commit({
    'coffee.yaml': `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: coffee }
spec: { workspace: acme, id: coffee }
---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: coffee-1.0.0 }
spec:
  miniProgram: coffee
  version: 1.0.0
  targets:
    - app: megapay
      environment: Production
      config: ${config}
`,
  });
  scene.hint('team');
}

function edit(patch: Readonly<Record<string, unknown>>): void {
  scene.console({
    action: 'editReleaseConfig',
    ...{ workspace: 'acme', miniProgram: 'coffee', version: '1.0.0' },
    ...{ app: 'megapay', environment: 'Production', patch },
  });
}

/** What the controller told its ledger, told to a real one; oldest first. */
async function history(field: string): Promise<readonly HistoryEntry[]> {
  const file = join(folder, 'ledger.db');
  const ledger = openLedger({ file, onTrouble: (message) => expect.fail(message) });
  const { entries, seen } = scene;
  const all = [
    ...entries.map((entry) => ({ at: entry.at, tell: () => ledger.append(entry) })),
    ...seen.map((one) => ({ at: one.at, tell: () => ledger.seen(one) })),
  ].toSorted((a, b) => a.at - b.at);
  for (const { tell } of all) await tell();
  ledger.close();
  const read = openHistory(file);
  const told = read?.entries({ parts: ['Production'], field, limit: 100 }).entries ?? [];
  read?.close();
  return told.toReversed();
}

const value = (text: string) => ({ state: 'value', value: text });
const minute = 60_000;

describe('the history of a controller', () => {
  it('tells changes by commit, and changes by hand, each once', async () => {
    commit('{ merchantId: M-1 }');
    scene.start();
    await scene.advance(2_000);
    commit('{ merchantId: M-2 }');
    await scene.advance(6 * minute);
    const before = scene.clock.wall();
    edit({ merchantId: 'M-9' });
    await scene.advance(12 * minute);
    commit('{ merchantId: M-3 }');
    await scene.advance(6 * minute);
    await scene.stop();
    const told = (await history('merchantId')).filter(({ kind }) => kind !== 'decision');

    const author = 'Ada <ada@example.test>';
    expect(told).toMatchObject([
      {
        kind: 'attempt',
        action: 'create',
        result: 'applied',
        explained: { commit: { author } },
        fields: [{ before: { state: 'unset' }, after: value('M-1'), cause: 'declaration' }],
      },
      {
        kind: 'attempt',
        action: 'update',
        source: 'team',
        fields: [
          {
            before: value('M-1'),
            after: value('M-2'),
            explained: { commit: { author, subject: 'commit 02' }, file: 'coffee.yaml', line: 15 },
          },
        ],
      },
      {
        kind: 'observed',
        marked: false,
        fields: [{ before: value('M-2'), after: value('M-9') }],
      },
    ]);
    const observed = told.find((entry) => entry.kind === 'observed');
    expect(observed?.lastSeen, 'it was still so when it was last read').toBeLessThanOrEqual(before);
    expect(observed?.at, 'the sweep saw it').toBeGreaterThan(before);
    expect(observed?.at).toBeLessThanOrEqual(before + 5 * minute);
  });

  it('never takes our own writes for somebody else’s, secrets included', async () => {
    const secret = '{ name: API_KEY, valueFrom: { secretKeyRef: { name: keys, key: api } } }';
    const config = (more: string) =>
      `{ testers: [a${more}], environmentVariables: [{ name: HOST, value: "h${more.length}" }, ${secret}] }`;
    commit(config(''));
    scene.start();
    await scene.advance(2_000);
    for (const more of [', b', ', b, c', '']) {
      commit(config(more));
      await scene.advance(11 * minute);
    }
    commit(`{ environmentVariables: [${secret}] }`);
    await scene.advance(11 * minute);

    for (const field of [
      'testers',
      'environmentVariables/HOST',
      'environmentVariables/API_KEY',
    ] as const) {
      const told = await history(field);
      expect(told.filter(({ kind }) => kind === 'observed')).toEqual([]);
    }
    expect(JSON.stringify([scene.entries, scene.seen])).not.toContain('canary');
    expect(scene.entries.filter(({ kind }) => kind === 'attempt')).toHaveLength(5);
  });
});
