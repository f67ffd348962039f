import { describe, expect, it } from 'vitest';

import { compareVersions } from '../../../src/kubernetes/resource-version.ts';
import { collectionPath, objectPath, resources } from '../../../src/kubernetes/resources.ts';
import { resources as defined } from '../../../tools/crds/kinds.ts';

describe('resources', () => {
  it('are those of the definitions', () => {
    const known = Object.entries(resources).map(([kind, each]) => [
      ...[kind, each.plural, each.isNamespaced ? 'Namespaced' : 'Cluster'],
    ]);

    expect(known.toSorted()).toEqual(
      defined.map(({ kind, plural, scope }) => [kind, plural, scope]).toSorted(),
    );
  });

  it('are found by their paths, whatever a name holds', () => {
    expect([
      collectionPath(resources.MiniProgram, undefined),
      collectionPath(resources.PlatformConnection, 'ignored'),
      objectPath({ kind: 'GitSource', namespace: 'a', name: '../../secrets/x' }),
    ]).toEqual([
      '/apis/fairlead.dev/v1alpha1/miniprograms',
      '/apis/fairlead.dev/v1alpha1/platformconnections',
      '/apis/fairlead.dev/v1alpha1/namespaces/a/gitsources/..%2F..%2Fsecrets%2Fx',
    ]);
  });
});

describe('versions of objects', () => {
  it.each([
    { name: 'the same', a: '7', b: '7', expected: 0 },
    { name: 'shorter', a: '9', b: '10', expected: -1 },
    { name: 'longer', a: '10', b: '9', expected: 1 },
    {
      name: 'beyond what a number holds',
      a: '9007199254740993',
      b: '9007199254740992',
      expected: 1,
    },
    { name: 'not a number', a: 'abc', b: '10', expected: undefined },
    { name: 'with a zero before it', a: '010', b: '9', expected: undefined },
    { name: 'the same, and not a number', a: 'abc', b: 'abc', expected: 0 },
  ])('compare: $name', ({ a, b, expected }) => {
    expect(compareVersions(a, b)).toBe(expected);
  });
});
