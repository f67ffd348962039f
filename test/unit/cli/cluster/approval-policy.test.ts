import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { policyValidations, policyVariables } from '../../../../src/cli/cluster/approval-rules.ts';
import { stateOf } from '../../../../src/cli/cluster/approval-policy.ts';
import { epochMs } from '../../../../src/core/words/time.ts';
import { root } from '../../../../tools/files.ts';

const text = await readFile(join(root, 'deploy/kustomize/base/approvals.yaml'), 'utf8');

interface Policy {
  metadata: Record<string, unknown>;
  spec: {
    failurePolicy: string;
    matchConditions?: object[];
    variables: { name: string; expression: string }[];
    validations: { expression: string }[];
    matchConstraints: Record<string, unknown> & {
      resourceRules: Record<string, unknown>[];
    };
  };
}

interface Binding {
  metadata: Record<string, unknown>;
  spec: Record<string, unknown>;
}

const day = (number: number) => `2026-01-0${number}T00:00:00Z`;
const made = { creationTimestamp: day(1) };
const inForce = { isInForce: true, since: epochMs(Date.parse(day(1))) };

/** What the installation brings, as the API server shows it and nobody has changed it yet. */
function installed(): { policy: Policy; binding: Binding } {
  const [policy, binding] = parseAllDocuments(text).map((each) => each.toJS() as unknown) as [
    Policy,
    Binding,
  ];
  Object.assign(policy.metadata, made);
  Object.assign(binding.metadata, made);
  return { policy, binding };
}

function faultOf(policy: unknown, binding: unknown): string {
  const state = stateOf(policy, binding);
  return state.isInForce ? 'in force' : state.fault;
}

describe('the policy that guards approvals', () => {
  it('guards as it is installed, also with what the API server writes down beside it', () => {
    const { policy, binding } = installed();
    Object.assign(policy.spec.matchConstraints, { namespaceSelector: {}, objectSelector: {} });

    expect(stateOf(policy, binding)).toEqual(inForce);
  });

  it('is installed with the very words that are looked for', () => {
    const { policy } = installed();
    const { variables, validations } = policy.spec;

    expect(Object.fromEntries(variables.map((one) => [one.name, one.expression]))).toEqual(
      policyVariables,
    );
    expect(validations.map(({ expression }) => expression)).toEqual(policyValidations);
  });

  it('is allowed to ask more', () => {
    const { policy, binding } = installed();
    policy.spec.validations.push({ expression: 'object.metadata.name != "x"' });

    expect(stateOf(policy, binding)).toEqual(inForce);
  });

  it.each([
    { name: 'the policy', which: 'policy' as const },
    { name: 'its binding', which: 'binding' as const },
  ])('guards since the spec of $name was written last, not since it was made', ({ which }) => {
    const both = installed();
    both[which].metadata['managedFields'] = [
      { time: day(2), fieldsV1: { 'f:spec': {} } },
      { time: day(3), fieldsV1: { 'f:spec': {} } },
      { time: day(4), fieldsV1: { 'f:status': {} }, subresource: 'status' },
      { time: day(4), fieldsV1: { 'f:metadata': {} } },
    ];

    expect(stateOf(both.policy, both.binding)).toEqual({
      isInForce: true,
      since: Date.parse(day(3)),
    });
  });

  it.each<{ name: string; why: string; says: string; change: (policy: Policy) => void }>([
    {
      name: 'leaves out repositories',
      why: 'that of an older release did',
      says: 'resourceRules leaves out CREATE of gitsources',
      change: ({ spec }) =>
        Object.assign(spec.matchConstraints.resourceRules[0]!, {
          resources: ['miniprograms', 'miniprogramreleases'],
        }),
    },
    {
      name: 'leaves out changes',
      why: 'an annotation is set by one',
      says: 'resourceRules leaves out UPDATE of miniprograms',
      change: ({ spec }) =>
        Object.assign(spec.matchConstraints.resourceRules[0]!, { operations: ['CREATE'] }),
    },
    {
      name: 'leaves out our version of the kinds',
      why: 'that is the one that is written',
      says: 'resourceRules',
      change: ({ spec }) =>
        Object.assign(spec.matchConstraints.resourceRules[0]!, { apiVersions: ['v1'] }),
    },
    {
      name: 'asks for what stands in no namespace',
      why: 'everything that approves stands in one',
      says: 'resourceRules',
      change: ({ spec }) =>
        Object.assign(spec.matchConstraints.resourceRules[0]!, { scope: 'Cluster' }),
    },
    {
      name: 'asks of some objects alone',
      why: 'anybody names an object otherwise',
      says: 'resourceRules',
      change: ({ spec }) =>
        Object.assign(spec.matchConstraints.resourceRules[0]!, { resourceNames: ['coffee'] }),
    },
    {
      name: 'asks in some namespaces alone',
      why: 'approvals of the others are nobody’s',
      says: 'namespaceSelector',
      change: ({ spec }) =>
        Object.assign(spec.matchConstraints, { namespaceSelector: { matchLabels: { a: 'b' } } }),
    },
    {
      name: 'asks of labelled objects alone',
      why: 'whoever may write an object labels it',
      says: 'objectSelector',
      change: ({ spec }) =>
        Object.assign(spec.matchConstraints, { objectSelector: { matchLabels: { a: 'b' } } }),
    },
    {
      name: 'excludes something',
      why: 'what is excluded is not asked',
      says: 'excludeResourceRules',
      change: ({ spec }) =>
        Object.assign(spec.matchConstraints, { excludeResourceRules: [{ resources: ['*'] }] }),
    },
    {
      name: 'asks for one version’s words alone',
      why: 'another version that is served passes by',
      says: 'matchPolicy',
      change: ({ spec }) => Object.assign(spec.matchConstraints, { matchPolicy: 'Exact' }),
    },
    {
      name: 'has conditions',
      why: 'what does not match them is not asked',
      says: 'matchConditions',
      change: ({ spec }) =>
        Object.assign(spec, { matchConditions: [{ name: 'x', expression: 'true' }] }),
    },
    {
      name: 'has parameters',
      why: 'whoever writes those decides',
      says: 'paramKind',
      change: ({ spec }) =>
        Object.assign(spec, { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } }),
    },
    {
      name: 'lets pass what it cannot judge',
      why: 'an expression that fails would approve',
      says: 'failurePolicy',
      change: ({ spec }) => Object.assign(spec, { failurePolicy: 'Ignore' }),
    },
    {
      name: 'asks nothing',
      why: 'everybody may approve',
      says: 'spec.validations',
      change: ({ spec }) => Object.assign(spec, { validations: [{ expression: 'true' }] }),
    },
    {
      name: 'asks for another verb',
      why: 'everybody who writes would approve',
      says: 'spec.variables: mayApprove',
      change: ({ spec }) =>
        spec.variables
          .filter(({ name }) => name === 'mayApprove')
          .forEach((one) =>
            Object.assign(one, { expression: one.expression.replace("'approve'", "'update'") }),
          ),
    },
    {
      name: 'takes another annotation for the one that approves',
      why: 'this one is set by anybody',
      says: 'spec.variables: wanted',
      change: ({ spec }) => Object.assign(spec.variables[0]!, { expression: "''" }),
    },
    {
      name: 'is being deleted',
      why: 'it ends at any moment',
      says: 'being deleted',
      change: ({ metadata }) => Object.assign(metadata, { deletionTimestamp: day(5) }),
    },
    {
      name: 'does not tell since when it is there',
      why: 'nothing tells what it was asked',
      says: 'since when',
      change: ({ metadata }) => delete metadata['creationTimestamp'],
    },
  ])('guards nothing where it $name', ({ change, says, why }) => {
    const { policy, binding } = installed();

    change(policy);

    expect(faultOf(policy, binding), why).toMatch(/^ValidatingAdmissionPolicy\w* fairlead-/);
    expect(faultOf(policy, binding), why).toContain(says);
  });

  it.each<{ name: string; why: string; says: string; change: (binding: Binding) => void }>([
    {
      name: 'warns alone',
      why: 'nothing is refused',
      says: 'does not say Deny',
      change: ({ spec }) => Object.assign(spec, { validationActions: ['Warn', 'Audit'] }),
    },
    {
      name: 'binds something else',
      why: 'a name proves nothing',
      says: 'policyName',
      change: ({ spec }) => Object.assign(spec, { policyName: 'something-else' }),
    },
    {
      name: 'holds in some places alone',
      why: 'elsewhere nobody asks',
      says: 'matchResources',
      change: ({ spec }) =>
        Object.assign(spec, { matchResources: { namespaceSelector: { matchLabels: { a: 'b' } } } }),
    },
    {
      name: 'takes parameters',
      why: 'without them nothing is asked',
      says: 'paramRef',
      change: ({ spec }) => Object.assign(spec, { paramRef: { name: 'x' } }),
    },
    {
      name: 'is being deleted',
      why: 'it ends at any moment',
      says: 'being deleted',
      change: ({ metadata }) => Object.assign(metadata, { deletionTimestamp: day(5) }),
    },
  ])('is not bound where the binding $name', ({ change, says, why }) => {
    const { policy, binding } = installed();

    change(binding);

    const fault = faultOf(policy, binding);
    expect(fault, why).toMatch(/^ValidatingAdmissionPolicyBinding fairlead-approvals: /);
    expect(fault, why).toContain(says);
  });

  it('is missing where one of the two is', () => {
    const { policy, binding } = installed();

    expect([faultOf(undefined, binding), faultOf(policy, undefined)]).toEqual([
      'ValidatingAdmissionPolicy fairlead-approvals: it is missing',
      'ValidatingAdmissionPolicyBinding fairlead-approvals: it is missing',
    ]);
  });
});
