import { describe, expect, it } from 'vitest';

import { refusePolicy } from '../../../src/source/git/signing/policy.ts';

const file = { file: 'keys' };
const since = 'a'.repeat(40);

describe('refusePolicy', () => {
  it.each([
    { name: 'no policy', spec: {} },
    {
      name: 'commits of a branch',
      spec: { signatures: { verify: 'commits', gpgKeys: file, since } },
    },
    {
      name: 'commits of a tag',
      spec: { ref: { tag: 'v1' }, signatures: { verify: 'commits', allowedSigners: file } },
    },
    {
      name: 'a tag',
      spec: { ref: { tag: 'v1' }, signatures: { verify: 'tag', allowedSigners: file } },
    },
    {
      name: 'the newest tag of a range',
      spec: { ref: { semver: '>=1' }, signatures: { verify: 'tag', gpgKeys: file } },
    },
  ] as const)('lets $name pass', ({ spec }) => {
    expect(() => refusePolicy(spec)).not.toThrow();
  });

  it.each([
    {
      name: 'no list',
      why: 'every commit would be refused',
      spec: { signatures: { verify: 'commits', since } },
    },
    {
      name: 'tags of a branch',
      why: 'every commit would be refused',
      spec: { ref: { branch: 'main' }, signatures: { verify: 'tag', gpgKeys: file } },
    },
    {
      name: 'tags without a ref',
      why: 'branch main is meant',
      spec: { signatures: { verify: 'tag', gpgKeys: file } },
    },
    {
      name: 'tags since a commit',
      why: 'somebody believes that commits are verified',
      spec: { ref: { tag: 'v1' }, signatures: { verify: 'tag', gpgKeys: file, since } },
    },
  ] as const)('refuses $name', ({ spec, why }) => {
    expect(() => refusePolicy(spec), why).toThrow(
      expect.objectContaining({ code: 'SettingsInvalid' }),
    );
  });
});
