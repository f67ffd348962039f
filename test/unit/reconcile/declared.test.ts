import { describe, expect, it } from 'vitest';

import { createDeclared } from '../../../src/reconcile/declared.ts';
import { load, program, release } from '../resolve/world.ts';

const trust = {
  order: [],
  connections: {
    default: { platformId: 'p', grants: [{ namespaces: ['team', 'other'] }] },
  },
  namespaces: { team: {}, other: {}, stranger: {} },
};
const coffee = {
  'coffee.yaml': program('  targets: [{ app: a, environment: Test }]'),
  'r.yaml': release('1.0.0', '  environments: [Test]'),
};

function declaredBy(...sources: readonly string[]) {
  const declared = createDeclared(trust);
  for (const source of sources) declared.replace(source, load(coffee, source));
  declared.resolve();
  return declared;
}

describe('what is declared', () => {
  it('rests while a source that may declare a part of it cannot be read whole', () => {
    const declared = declaredBy('team', 'other/git');
    declared.replace('other/git', { ...load(coffee, 'other/git'), complete: false });

    const { programs } = declared.resolve();

    expect([...programs]).toEqual(['p/acme/35']);
    expect([...declared.programs.values()][0]?.rests).toContain('other/git');
    declared.replace('other/git', load(coffee, 'other/git'));
    declared.resolve();
    expect([...declared.programs.values()][0]?.rests).toBeUndefined();
  });

  it('does not rest for somebody who is not granted it', () => {
    const declared = declaredBy('team');
    declared.replace('stranger/git', { ...load(coffee, 'stranger/git'), complete: false });

    declared.resolve();

    expect([...declared.programs.values()][0]?.rests).toBeUndefined();
  });

  it('looks at nothing where the very same documents come again', () => {
    const documents = load(coffee, 'team');
    const declared = createDeclared(trust);
    declared.replace('team', documents);
    declared.resolve();

    declared.replace('team', { ...documents, commit: 'another' });

    expect(declared.resolve().programs.size).toBe(0);
  });

  it('is forgotten with its source, of which nothing else is left', () => {
    const declared = declaredBy('team');

    declared.replace('team', undefined);

    expect([...declared.resolve().programs]).toEqual(['p/acme/35']);
    expect(declared.programs.size).toBe(0);
    expect(declared.errorsIn('team')).toEqual([]);
  });

  it('gives a repository the rights of its namespace and a name of its own', () => {
    const declared = declaredBy('team/git');
    const [wish] = declared.programs.values();

    expect(wish?.desired.releases.map(({ source, barrier }) => [source, barrier])).toEqual([
      ['team/git', undefined],
    ]);
  });
});
