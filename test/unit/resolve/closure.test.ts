import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SourceDocuments } from '../../../src/core/model/documents.ts';
import { type Closure, createClosure } from '../../../src/core/resolve/closure.ts';
import { resolve, type Trust } from '../../../src/core/resolve/resolve.ts';
import { type Edit, changesOf, edit, loadFile } from './closure-world.ts';
import { load, locateIn, profile, program, release } from './world.ts';

const trust: Trust = {
  order: ['west', 'east'],
  connections: { default: { platformId: 'p', grants: [{ sources: ['east', 'west'] }] } },
};

/** Files as somebody edits them, and a closure that hears of each edit. */
function stage(closure: Closure = createClosure(trust)) {
  const files = new Map<string, SourceDocuments>();
  const loads = () => [...files.values()];
  return {
    closure,
    loads,
    save(edits: readonly Edit[]) {
      const changes = edits.flatMap(({ source, file, text }) => {
        const before = files.get(`${source} ${file}`) ?? load({}, source);
        const after = loadFile(source, file, text);
        files.set(`${source} ${file}`, after);
        return changesOf(source, before, after);
      });
      return closure.update(changes, locateIn(loads()));
    },
  };
}

function stateOf(closure: Closure) {
  const problems = [...closure.faulty()].flatMap((id) => closure.problemsOf(id));
  return {
    programs: [...closure.programs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one),
    problems: problems.map((one) => JSON.stringify(one)).sort(),
  };
}

function wholeOf(loads: readonly SourceDocuments[], by: Trust) {
  const { programs, problems } = resolve(loads, by, locateIn(loads));
  return { programs, problems: problems.map((one) => JSON.stringify(one)).sort() };
}

describe('closure', () => {
  it('comes to what resolving everything comes to, whatever was edited before', () => {
    const reached = { programs: 0, problems: 0, kept: 0, gone: 0 };

    fc.assert(
      fc.property(
        fc.array(fc.array(edit, { minLength: 1, maxLength: 3 }), { maxLength: 14 }),
        (steps) => {
          const { closure, loads, save } = stage();
          for (const step of steps) {
            const before = closure.programs.size;
            const { programs } = save(step);

            const state = stateOf(closure);
            expect(state).toEqual(wholeOf(loads(), trust));
            reached.programs += state.programs.length;
            reached.problems += state.problems.length;
            reached.kept += [...closure.programs.keys()].filter((id) => !programs.has(id)).length;
            reached.gone += Math.max(0, before - closure.programs.size);
          }
        },
      ),
      { numRuns: 100 },
    );

    for (const [what, times] of Object.entries(reached)) expect(times, what).toBeGreaterThan(5);
  });

  it('tells of every program and every document that changed', () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 12 }), (steps) => {
        const { closure, save } = stage();
        for (const step of steps) {
          const before = new Map(closure.programs);
          const told = new Map([...closure.faulty()].map((id) => [id, closure.problemsOf(id)]));
          const delta = save([step]);

          for (const id of new Set([...before.keys(), ...closure.programs.keys()]))
            if (!delta.programs.has(id)) expect(closure.programs.get(id)).toBe(before.get(id));
          for (const [id, program_] of delta.programs)
            expect(closure.programs.get(id)).toBe(program_);
          for (const id of new Set([...told.keys(), ...closure.faulty()]))
            if (!delta.documents.has(id))
              expect(closure.problemsOf(id)).toEqual(told.get(id) ?? []);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('judges a source anew by what is trusted now', () => {
    const { closure, loads, save } = stage();
    save([
      {
        source: 'east',
        file: 'a.yaml',
        text: program('  targets: [{ app: a, environment: Test }]'),
      },
      { source: 'east', file: 'b.yaml', text: release('1.0.0', '  environments: [Test]') },
    ]);
    const next: Trust = {
      ...trust,
      connections: { default: { platformId: 'p', grants: [{ sources: ['west'] }] } },
    };

    closure.retrust(next, ['east'], locateIn(loads()));

    expect(stateOf(closure)).toEqual(wholeOf(loads(), next));
    expect([...closure.programs.values()][0]?.releases[0]?.barrier?.reason).toBe('NotGranted');
  });

  it('leaves alone what an edit does not reach', () => {
    const { closure, save } = stage();
    const many = Array.from({ length: 30 }, (_, index) => `p${index}`);
    save(
      many.flatMap((name): Edit[] => [
        {
          source: 'east',
          file: `${name}.yaml`,
          text: program(
            `  profiles: [${name === 'p3' || name === 'p4' ? 'shared' : 'other'}]\n  targets: [{ app: a, environment: Test }]`,
            name,
            `  workspace: acme\n  id: "${name}"`,
          ),
        },
        {
          source: 'east',
          file: `${name}-r.yaml`,
          text: release('1.0.0', '  environments: [Test]', name),
        },
      ]),
    );
    save([
      { source: 'east', file: 'other.yaml', text: profile('other', '  config: { testers: [a] }') },
    ]);

    const delta = save([
      {
        source: 'east',
        file: 'shared.yaml',
        text: profile('shared', '  config: { testers: [t] }'),
      },
    ]);

    expect([...delta.programs.keys()].sort()).toEqual(['p/acme/p3', 'p/acme/p4']);
    expect(closure.programs.size).toBe(30);
  });
});
