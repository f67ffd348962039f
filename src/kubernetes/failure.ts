import { ReconcileError } from '../core/words/errors.ts';
import type { ApiAnswer } from './api.ts';
import { field, list, text } from './raw.ts';
import { type Resource, resourceName } from './resources.ts';

/** What was asked, for the person who reads that it failed. */
export interface Asked {
  /** As RBAC calls it. */
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';
  readonly resource: Resource;
  readonly subresource?: 'status';
  readonly namespace?: string | undefined;
  readonly name?: string;
}

/** Longer is not believed: an API server that is asked again after five minutes suffers nothing. */
const longestRetryAfterMs = 300_000;
const longestReason = 300;

/** What an answer that is no success means, with its status as `resultCode`. A 404 for one object is the caller's to read before. */
export function failureOf(answer: ApiAnswer, asked: Asked): ReconcileError {
  const resultCode = String(answer.status);
  const refused = refusals[answer.status]?.(asked, answer);
  if (refused !== undefined) {
    const { message, nextStep } = refused;
    return new ReconcileError('ClusterRefused', message, { nextStep, resultCode });
  }
  const retryAfterMs = retryAfterOf(answer);
  return new ReconcileError(
    'ClusterUnavailable',
    `the API server answered ${answer.status} to ${verbOf(asked)}`,
    { resultCode, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
  );
}

interface Refusal {
  readonly message: string;
  readonly nextStep: string;
}

type Refuse = (asked: Asked, answer: ApiAnswer) => Refusal;

const invalid: Refuse = (asked, answer) => ({
  message: `the API server refused ${verbOf(asked)}: ${reasonOf(answer)}`,
  nextStep: 'apply the definitions of this release (crds/)',
});

const refusals: Readonly<Partial<Record<number, Refuse>>> = {
  400: invalid,
  401: (asked) => ({
    message: `the API server does not accept our credentials for ${verbOf(asked)}`,
    nextStep: 'see the service account and its token, or the user of the kubeconfig',
  }),
  403: (asked) => ({
    message: `the API server forbids ${verbOf(asked)}`,
    nextStep: `grant the verb ${asked.verb} on ${nameOf(asked)}${whereOf(asked)}: ${rightOf(asked)}`,
  }),
  404: (asked) => ({
    message: `the API server does not know ${nameOf(asked)}`,
    nextStep: 'kubectl apply --server-side -f crds/',
  }),
  405: invalid,
  413: invalid,
  415: invalid,
  422: invalid,
};

/** Secrets of a namespace are for its owner to open: no chart does that by itself. */
function rightOf({ resource, namespace }: Asked): string {
  if (resourceName(resource) !== 'secrets' || namespace === undefined)
    return 'apply the roles of the chart';
  return `whoever owns the namespace binds a role with that right there to the controller's service account; the chart of a whole cluster brings a ClusterRole for it, whose name ends in -secrets`;
}

function nameOf({ resource, subresource }: Asked): string {
  const name = resourceName(resource);
  return subresource === undefined ? name : `${name}/${subresource}`;
}

function whereOf({ namespace }: Asked): string {
  return namespace === undefined ? '' : ` in namespace ${namespace}`;
}

function verbOf(asked: Asked): string {
  const which = asked.name === undefined ? '' : ` ${asked.name}`;
  return `${asked.verb} ${nameOf(asked)}${which}${whereOf(asked)}`;
}

/** Which field is wrong and how, without what stands in it. */
function reasonOf({ status, body }: ApiAnswer): string {
  const causes = list(field(field(body, 'details'), 'causes')).map((cause) =>
    [text(field(cause, 'field')), text(field(cause, 'reason'))].filter(Boolean).join(' '),
  );
  const reason = text(field(body, 'reason')) ?? `status ${status}`;
  return [reason, ...causes].join(', ').slice(0, longestReason);
}

/** Whether a 404 speaks of one object, and not of a kind nobody has defined. */
export function isObjectMissing(answer: ApiAnswer): boolean {
  const name = field(field(answer.body, 'details'), 'name');
  return answer.status === 404 && text(name) !== undefined;
}

/** The API server writes whole seconds, in the header or in the body's details. */
function retryAfterOf(answer: ApiAnswer): number | undefined {
  const said =
    answer.headers['retry-after'] ?? field(field(answer.body, 'details'), 'retryAfterSeconds');
  const seconds =
    typeof said === 'string' && !/^\d+$/.test(said) ? Number.NaN : Number(said ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0
    ? Math.min(seconds * 1000, longestRetryAfterMs)
    : undefined;
}
