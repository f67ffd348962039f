import { list, record, text } from '../../core/validate/read.ts';
import { apiVersion } from '../../core/kinds/index.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import { resources } from '../../kubernetes/resources.ts';
import type { ApprovalPolicy, ClusterKind } from '../../ports/cluster.ts';
import type { FollowedCluster } from './opened.ts';

const name = 'fairlead-approvals';
const pathOf = (plural: string): string =>
  `/apis/admissionregistration.k8s.io/v1/${plural}/${name}`;
const lookTimeoutMs = 15_000;
const lookMaxBytes = 1024 * 1024;

/** Kinds on which an annotation approves something. */
const approving: readonly ClusterKind[] = ['MiniProgram', 'MiniProgramRelease', 'GitSource'];
const [group = '', version = ''] = apiVersion.split('/');

/** The policy as it stands in the cluster, looked at anew by each call. */
export function approvalPolicy(api: FollowedCluster['opened']['api']): ApprovalPolicy {
  async function read(plural: string, signal: AbortSignal): Promise<unknown> {
    const limits = { timeoutMs: lookTimeoutMs, maxBytes: lookMaxBytes };
    const { status, body } = await api.send(
      { method: 'GET', path: pathOf(plural), ...limits },
      signal,
    );
    if (status === 403)
      throw new ReconcileError('ClusterRefused', `the API server forbids get ${plural} ${name}`, {
        nextStep: `grant the verb get on ${plural}.admissionregistration.k8s.io: apply the roles of the chart`,
      });
    if (status >= 500 || status === 429)
      throw new ReconcileError('ClusterUnavailable', `the API server answered ${status}`);
    return status === 200 ? body : undefined;
  }
  return {
    async isInForce(signal) {
      const [policy, binding] = await Promise.all([
        read('validatingadmissionpolicies', signal),
        read('validatingadmissionpolicybindings', signal),
      ]);
      return isGuard(policy) && isBound(binding);
    },
  };
}

/**
 * Whether a policy asks at every write of every kind that approves. What it asks is the business of whoever may write
 * policies; that one of an older release asks for fewer kinds, or that somebody left some out, is seen here.
 */
export function isGuard(policy: unknown): boolean {
  const spec = record(record(policy)['spec']);
  const constraints = record(spec['matchConstraints']);
  const narrowed = ['namespaceSelector', 'objectSelector', 'excludeResourceRules'].map(
    (one) => constraints[one],
  );
  if (spec['failurePolicy'] === 'Ignore') return false;
  if ([...narrowed, spec['matchConditions']].some(isSaid)) return false;
  const rules = list(constraints['resourceRules']).map(record);
  return approving.every((kind) =>
    ['CREATE', 'UPDATE'].every((operation) =>
      rules.some((rule) => asks(rule, resources[kind].plural, operation)),
    ),
  );
}

/** Whether a binding lets the policy refuse, everywhere. */
export function isBound(binding: unknown): boolean {
  const spec = record(record(binding)['spec']);
  return (
    text(spec['policyName']) === name &&
    !isSaid(spec['matchResources']) &&
    list(spec['validationActions']).includes('Deny')
  );
}

function asks(
  rule: Readonly<Record<string, unknown>>,
  resource: string,
  operation: string,
): boolean {
  const names = (field: string, word: string): boolean =>
    list(rule[field]).some((one) => one === '*' || one === word);
  return (
    names('apiGroups', group) &&
    names('apiVersions', version) &&
    names('resources', resource) &&
    names('operations', operation) &&
    rule['scope'] !== 'Cluster' &&
    !isSaid(rule['resourceNames'])
  );
}

/** The API server writes down what nobody said as an empty object. */
function isSaid(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Object.keys(record(value)).length > 0;
}
