import { describe, expect, it } from 'vitest';

import { keep, shown } from '../../../src/kubernetes/kept.ts';

const spec = { 'f:spec': { 'f:version': {} } };

function objectWith(managedFields: unknown) {
  const metadata = {
    ...{ name: 'coffee', resourceVersion: '7', generation: 3, managedFields },
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  return keep({ metadata, spec: { version: '1.0.0' } })!;
}

describe('when somebody last declared an object', () => {
  it.each([
    {
      name: 'the newest of those who own a part of its spec',
      why: 'several people may declare one object',
      fields: [
        { manager: 'kubectl', time: '2026-01-03T00:00:00Z', fieldsV1: spec },
        { manager: 'flux', time: '2026-01-02T00:00:00Z', fieldsV1: spec },
      ],
      expected: '2026-01-03T00:00:00.000Z',
    },
    {
      name: 'not when its status was written',
      why: 'our own writes are no declaration',
      fields: [
        { manager: 'kubectl', time: '2026-01-02T00:00:00Z', fieldsV1: spec },
        { manager: 'x', time: '2026-01-04T00:00:00Z', subresource: 'status', fieldsV1: spec },
      ],
      expected: '2026-01-02T00:00:00.000Z',
    },
    {
      name: 'not when it was annotated',
      why: 'a request to reconcile declares nothing',
      fields: [
        { manager: 'kubectl', time: '2026-01-02T00:00:00Z', fieldsV1: spec },
        { manager: 'me', time: '2026-01-04T00:00:00Z', fieldsV1: { 'f:metadata': {} } },
      ],
      expected: '2026-01-02T00:00:00.000Z',
    },
    { name: 'unknown where nobody says', why: 'fields may be hidden', fields: [] },
    { name: 'unknown where it is no list', why: 'it is untrusted', fields: 'mine' },
    {
      name: 'unknown where no time can be read',
      why: 'it is untrusted',
      fields: [{ manager: 'kubectl', time: 'yesterday', fieldsV1: spec }, null],
    },
  ])('is $name', ({ fields, expected, why }) => {
    const { declaredAt } = shown('MiniProgramRelease', objectWith(fields));

    expect(declaredAt && new Date(declaredAt).toISOString(), why).toBe(expected);
  });
});

const approval = { 'f:metadata': { 'f:annotations': { 'f:fairlead.dev/approve': {} } } };

describe('when an approval was set on an object', () => {
  it.each([
    {
      name: 'the oldest of those who own the annotation',
      why: 'whoever says the same again is asked by nobody',
      fields: [
        { manager: 'me', time: '2026-01-03T00:00:00Z', fieldsV1: approval },
        { manager: 'release-manager', time: '2026-01-02T00:00:00Z', fieldsV1: approval },
      ],
      expected: '2026-01-02T00:00:00.000Z',
    },
    {
      name: 'not when another annotation was set',
      why: 'everybody may do that',
      fields: [
        {
          ...{ manager: 'me', time: '2026-01-03T00:00:00Z' },
          fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:example.com/note': {} } } },
        },
      ],
      expected: undefined,
    },
    {
      name: 'unknown without owners',
      why: 'somebody emptied them',
      fields: [],
      expected: undefined,
    },
    {
      name: 'unknown where its owner names no time',
      why: 'an owner may be written by hand',
      fields: [{ manager: 'me', fieldsV1: approval }],
      expected: undefined,
    },
  ])('is $name', ({ fields, expected, why }) => {
    const { approvedAt } = shown('MiniProgram', objectWith(fields));

    expect(approvedAt === undefined ? undefined : new Date(approvedAt).toISOString(), why).toBe(
      expected,
    );
  });
});
