import type { ClusterKind } from '../../ports/cluster.ts';

/** Names the policy and its binding. */
export const policyName = 'fairlead-approvals';

/** Kinds on which an annotation approves something. */
export const approvingKinds: readonly ClusterKind[] = [
  'MiniProgram',
  'MiniProgramRelease',
  'GitSource',
];

/** What the policy asks, word for word as the chart installs it; a test compares. */
export const policyVariables: Readonly<Record<string, string>> = {
  wanted: "object.metadata.?annotations[?'fairlead.dev/approve'].orValue('')",
  present:
    "oldObject == null ? '' : oldObject.metadata.?annotations[?'fairlead.dev/approve'].orValue('')",
  mayApprove:
    "authorizer.group('fairlead.dev').resource('miniprograms').namespace(request.namespace).check('approve').allowed()",
};

/** See `policyVariables`. */
export const policyValidations: readonly string[] = [
  "variables.wanted == '' || variables.wanted == variables.present || variables.mayApprove",
];
