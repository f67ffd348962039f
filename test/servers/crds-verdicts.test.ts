import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ControlPlane } from '../support/control-plane.ts';
import { differences } from './crds-differences.ts';
import { documents, home } from './crds-documents.ts';
import { largeDocuments } from './crds-large-documents.ts';
import { mutants } from './crds-mutations.ts';
import { documentOf, judge, startWithDefinitions, type Verdict } from './crds-stage.ts';
import { settingsDocuments } from './crds-settings-documents.ts';
import { wholes } from './crds-wholes.ts';

let plane: ControlPlane;
let namespace: string;

beforeAll(async () => {
  plane = await startWithDefinitions();
  namespace = await plane.namespace();
});

afterAll(async () => {
  await plane.stop();
});

function agree({ ours, applied, created }: Verdict): boolean {
  const valid = ours.length === 0;
  return (applied === undefined) === valid && (created === undefined) === valid;
}

describe('files and cluster', () => {
  it('judge every document of the table alike, and as the table says', async () => {
    const all = [...documents, ...settingsDocuments, ...largeDocuments];
    const wrong: unknown[] = [];
    for (const { name, kind, spec, valid } of all) {
      const verdict = await judge(plane, namespace, documentOf(kind, spec));
      if (!agree(verdict) || (verdict.ours.length === 0) !== valid)
        wrong.push({ kind, name, valid, ...verdict });
    }

    expect(wrong).toEqual([]);
    expect(all.length).toBeGreaterThan(300);
  });

  it.each(Object.entries(wholes))('judge what can become of a %s alike', async (kind, spec) => {
    const sample = fc.sample(mutants(kind, spec), { seed: 20_261_122, numRuns: 120 });
    const wrong: unknown[] = [];
    let valid = 0;
    for (const document of sample) {
      const verdict = await judge(plane, namespace, document);
      if (verdict.ours.length === 0) valid += 1;
      if (!agree(verdict)) wrong.push({ document: JSON.stringify(document), ...verdict });
    }

    expect(wrong).toEqual([]);
    expect(valid).toBeGreaterThan(20);
    expect(valid).toBeLessThan(90);
  });

  it.each(differences)('differ on purpose: $name', async ({ document, taken, why }) => {
    const { ours, applied } = await judge(plane, namespace, document);

    expect(ours.length === 0, why).toBe(taken === 'by files');
    expect(applied === undefined, why).toBe(taken === 'by the cluster');
  });

  it('refuse null in what is applied; a plain create drops it unseen', async () => {
    const document = documentOf('MiniProgram', { ...home, config: null });

    const { ours, applied, created } = await judge(plane, namespace, document);

    expect(ours).toHaveLength(1);
    expect(applied).toContain('spec.config in body must be of type object: "null"');
    expect(created).toBeUndefined();
  });
});
