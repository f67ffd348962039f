import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ObservedMiniProgram, ObservedRelease } from '../../../src/core/model/observed.ts';
import type { ObservedConfig, ObservedValue } from '../../../src/core/words/fields.ts';
import { statuses } from '../../../src/core/words/statuses.ts';
import { adopted, coffee, imported, list, planOf, record, sealed, text } from './world.ts';

const word = fc.oneof(
  fc.constantFrom('M-1', 'M-2', 'no', '0777', '1:30', 'a: b', '# x', '=', '2026-11-22', 'x'),
  fc.string({ minLength: 1, maxLength: 8 }),
);
const words = fc.oneof(
  fc.constantFrom(list('1', '2'), list('3'), list()),
  fc.uniqueArray(word, { maxLength: 3 }).map((items) => list(...items)),
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 });

function present(config: Readonly<Record<string, ObservedValue | undefined>>): ObservedConfig {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}

const plainConfig = fc
  .record({
    merchantId: maybe(word.map(text)),
    clientId: maybe(word.map(text)),
    serverDomains: maybe(words),
    testers: maybe(words),
  })
  .map(present);
const config = fc
  .tuple(
    plainConfig,
    fc
      .record({
        'environmentVariables/HOST': maybe(fc.constantFrom('https://a', 'https://b').map(sealed)),
        'environmentVariables/KEY': maybe(
          fc.oneof(fc.constant<ObservedValue>({ kind: 'hidden' }), word.map(sealed)),
        ),
      })
      .map(present),
  )
  .map(([plain, variables]): ObservedConfig => ({ ...plain, ...variables }));

const release = fc
  .record({
    version: fc.constantFrom('1.0.0', '1.10.0', '1.9.0', '1.0', 'nightly'),
    target: fc.constantFrom('a/Test', 'a/Production', 'b/Test', 'b/Sandbox'),
    status: fc.constantFrom(...statuses, 'NewVersionCreated' as const),
    config,
    frozen: fc.constantFrom('none', 'same', 'other'),
    other: plainConfig,
  })
  .map(({ version, target, status, config: own, frozen, other }): ObservedRelease => {
    if (status === 'NewVersionCreated' || frozen === 'none')
      return record(version, target, status, own);
    return record(version, target, status, own, frozen === 'same' ? own : other);
  });
const releases = fc.uniqueArray(release, {
  maxLength: 12,
  selector: ({ key }) => `${key.version} ${key.app}/${key.environment}`,
});
const program = plainConfig.map((global): ObservedMiniProgram => ({
  ...coffee,
  global: { ...coffee.global, config: global },
}));

it('plans to nothing but adopting what is there, and then to nothing', () => {
  const reached = { adopt: 0, unchanged: 0, globalAdopt: 0, undeclared: 0, shared: 0 };

  fc.assert(
    fc.property(releases, program, fc.boolean(), (all, observed, withLiterals) => {
      const literals = new Set(withLiterals ? ['HOST'] : []);

      const { files, problems, notes } = imported(all, { program: observed, literals, all: true });

      expect(problems).toEqual([]);
      const plan = planOf(files, observed, all);
      const wanted = notes.filter(({ kind }) => kind === 'imported');
      expect(plan.changes.map(({ key }) => key)).toHaveLength(wanted.length);
      for (const { action, status } of plan.changes) {
        expect(action).toBe(status === 'NewVersionCreated' ? 'adopt' : 'unchanged');
        reached[action === 'adopt' ? 'adopt' : 'unchanged'] += 1;
      }
      for (const { action } of plan.global) expect(action).toBe('adopt');
      reached.globalAdopt += plan.global.length;
      reached.undeclared += plan.undeclared.length;
      const isShared = files[0]!.text.includes('targets:');
      expect(
        isShared,
        'sharing is right by itself; saying everything again is for the unforeseen',
      ).toBe(wanted.length > 0);
      reached.shared += isShared ? 1 : 0;

      const after = adopted(plan, observed, all);
      const again = planOf(files, after.program, after.releases);
      expect(again.changes.map(({ action }) => action)).toEqual(
        again.changes.map(() => 'unchanged'),
      );
      expect(again.global.map(({ action }) => action)).toEqual(again.global.map(() => 'unchanged'));
    }),
    { numRuns: 150 },
  );

  for (const [what, times] of Object.entries(reached)) expect(times, what).toBeGreaterThan(20);
});
