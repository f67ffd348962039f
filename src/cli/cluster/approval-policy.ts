import { epochMs } from '../../core/words/time.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { ApprovalPolicy, PolicyState } from '../../ports/cluster.ts';
import { policyName } from './approval-rules.ts';
import type { FollowedCluster } from './opened.ts';
import { bindingFault, policyFault, saidSince } from './policy-judge.ts';

const pathOf = (plural: string): string =>
  `/apis/admissionregistration.k8s.io/v1/${plural}/${policyName}`;
const lookTimeoutMs = 15_000;
const lookMaxBytes = 1024 * 1024;

/** The policy as it stands in the cluster, looked at anew by each call. */
export function approvalPolicy(api: FollowedCluster['opened']['api']): ApprovalPolicy {
  async function read(plural: string, signal: AbortSignal): Promise<unknown> {
    const limits = { timeoutMs: lookTimeoutMs, maxBytes: lookMaxBytes };
    const { status, body } = await api.send(
      { method: 'GET', path: pathOf(plural), ...limits },
      signal,
    );
    if (status === 403)
      throw new ReconcileError(
        'ClusterRefused',
        `the API server forbids get ${plural} ${policyName}`,
        {
          nextStep: `grant the verb get on ${plural}.admissionregistration.k8s.io: apply the roles of the chart`,
        },
      );
    if (status !== 200 && status !== 404)
      throw new ReconcileError('ClusterUnavailable', `the API server answered ${status}`);
    return status === 200 ? body : undefined;
  }
  return {
    async look(signal) {
      const [policy, binding] = await Promise.all([
        read('validatingadmissionpolicies', signal),
        read('validatingadmissionpolicybindings', signal),
      ]);
      return stateOf(policy, binding);
    },
  };
}

/** What policy and binding come to together. */
export function stateOf(policy: unknown, binding: unknown): PolicyState {
  const [of, fault] = firstFault(policy, binding);
  if (fault !== undefined) return { isInForce: false, fault: `${of} ${policyName}: ${fault}` };
  const [guards, bound] = [saidSince(policy), saidSince(binding)];
  if (guards === undefined || bound === undefined)
    return { isInForce: false, fault: `${of} ${policyName}: nothing tells since when it is there` };
  return { isInForce: true, since: epochMs(Math.max(guards, bound)) };
}

function firstFault(policy: unknown, binding: unknown) {
  const fault = policyFault(policy);
  if (fault !== undefined) return ['ValidatingAdmissionPolicy', fault] as const;
  return ['ValidatingAdmissionPolicyBinding', bindingFault(binding)] as const;
}
