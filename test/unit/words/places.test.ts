import { describe, expect, it } from 'vitest';

import { objectPath, originText } from '../../../src/core/words/places.ts';

describe('a place', () => {
  it.each([
    { pointer: '/spec/targets/2/config/merchantId', path: 'spec.targets[2].config.merchantId' },
    { pointer: '/spec/policy/environments/Sandbox', path: 'spec.policy.environments.Sandbox' },
    { pointer: '/metadata/annotations/a.b~1c', path: 'metadata.annotations["a.b/c"]' },
    { pointer: '', path: '' },
  ])('$pointer', ({ pointer, path }) => {
    expect(objectPath(pointer)).toBe(path);
  });

  it.each([
    {
      name: 'an object',
      origin: {
        object: { kind: 'MiniProgram', namespace: 'team-a', name: 'coffee' },
        path: '/spec/id',
      },
      text: 'MiniProgram team-a/coffee, spec.id',
    },
    {
      name: 'a cluster-scoped object',
      origin: { object: { kind: 'PlatformConnection', name: 'default' }, path: '' },
      text: 'PlatformConnection default',
    },
    {
      name: 'a file',
      origin: { file: 'coffee.yaml', line: 12, column: 3 },
      text: 'coffee.yaml:12',
    },
  ])('$name', ({ origin, text }) => {
    expect(originText(origin)).toBe(text);
  });
});
