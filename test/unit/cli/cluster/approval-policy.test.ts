import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { isBound, isGuard } from '../../../../src/cli/cluster/approval-policy.ts';
import { root } from '../../../../tools/files.ts';

const text = await readFile(join(root, 'deploy/kustomize/base/approvals.yaml'), 'utf8');

interface Policy {
  spec: {
    failurePolicy: string;
    matchConditions?: object[];
    matchConstraints: Record<string, unknown> & {
      resourceRules: Record<string, unknown>[];
    };
  };
}

interface Binding {
  spec: Record<string, unknown>;
}

/** What the installation brings, as nobody has changed it yet. */
function installed(): { policy: Policy; binding: Binding } {
  const [policy, binding] = parseAllDocuments(text).map((each) => each.toJS() as unknown);
  return { policy: policy as Policy, binding: binding as Binding };
}

describe('the policy that guards approvals', () => {
  it('guards as it is installed, also with what the API server writes down beside it', () => {
    const { policy, binding } = installed();
    Object.assign(policy.spec.matchConstraints, { namespaceSelector: {}, objectSelector: {} });

    expect([isGuard(policy), isBound(binding)]).toEqual([true, true]);
  });

  it.each<{ name: string; why: string; change: (spec: Policy['spec']) => void }>([
    {
      name: 'leaves out repositories',
      why: 'that of an older release did',
      change: ({ matchConstraints: { resourceRules } }) =>
        Object.assign(resourceRules[0]!, { resources: ['miniprograms', 'miniprogramreleases'] }),
    },
    {
      name: 'leaves out changes',
      why: 'an annotation is set by one',
      change: ({ matchConstraints: { resourceRules } }) =>
        Object.assign(resourceRules[0]!, { operations: ['CREATE'] }),
    },
    {
      name: 'leaves out our version of the kinds',
      why: 'that is the one that is written',
      change: ({ matchConstraints: { resourceRules } }) =>
        Object.assign(resourceRules[0]!, { apiVersions: ['v1'] }),
    },
    {
      name: 'asks of some objects alone',
      why: 'anybody names an object otherwise',
      change: ({ matchConstraints: { resourceRules } }) =>
        Object.assign(resourceRules[0]!, { resourceNames: ['coffee'] }),
    },
    {
      name: 'asks in some namespaces alone',
      why: 'approvals of the others are nobody’s',
      change: ({ matchConstraints }) =>
        Object.assign(matchConstraints, { namespaceSelector: { matchLabels: { a: 'b' } } }),
    },
    {
      name: 'asks of labelled objects alone',
      why: 'whoever may write an object labels it',
      change: ({ matchConstraints }) =>
        Object.assign(matchConstraints, { objectSelector: { matchLabels: { a: 'b' } } }),
    },
    {
      name: 'excludes something',
      why: 'what is excluded is not asked',
      change: ({ matchConstraints }) =>
        Object.assign(matchConstraints, { excludeResourceRules: [{ resources: ['*'] }] }),
    },
    {
      name: 'has conditions',
      why: 'what does not match them is not asked',
      change: (spec) =>
        Object.assign(spec, { matchConditions: [{ name: 'x', expression: 'true' }] }),
    },
    {
      name: 'lets pass what it cannot judge',
      why: 'an expression that fails would approve',
      change: (spec) => Object.assign(spec, { failurePolicy: 'Ignore' }),
    },
  ])('guards nothing where it $name', ({ change, why }) => {
    const { policy } = installed();

    change(policy.spec);

    expect(isGuard(policy), why).toBe(false);
  });

  it.each([
    { name: 'warns alone', why: 'nothing is refused', spec: { validationActions: ['Warn'] } },
    {
      name: 'binds something else',
      why: 'a name proves nothing',
      spec: { policyName: 'something-else' },
    },
    {
      name: 'holds in some places alone',
      why: 'elsewhere nobody asks',
      spec: { matchResources: { namespaceSelector: { matchLabels: { a: 'b' } } } },
    },
  ])('is not bound where the binding $name', ({ spec, why }) => {
    const { binding } = installed();

    Object.assign(binding.spec, spec);

    expect(isBound(binding), why).toBe(false);
  });

  it('guards nothing where there is none', () => {
    expect([isGuard(undefined), isBound(undefined), isGuard([])]).toEqual([false, false, false]);
  });
});
