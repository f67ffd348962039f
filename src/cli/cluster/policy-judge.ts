import { apiVersion } from '../../core/kinds/index.ts';
import { parseMoment } from '../../core/resolve/moment.ts';
import { list, record, text } from '../../core/validate/read.ts';
import { epochMs, type EpochMs } from '../../core/words/time.ts';
import { resources } from '../../kubernetes/resources.ts';
import {
  approvingKinds,
  policyName,
  policyValidations,
  policyVariables,
} from './approval-rules.ts';

const [group = '', version = ''] = apiVersion.split('/');

type Body = Readonly<Record<string, unknown>>;

/**
 * What keeps a policy from asking, at every write of every kind that approves, exactly what this release wants asked.
 *
 * @param policy  a ValidatingAdmissionPolicy as the API server shows it; undefined: there is none
 * @returns the first point that is wrong; undefined: it guards
 */
export function policyFault(policy: unknown): string | undefined {
  if (policy === undefined) return 'it is missing';
  const spec = record(record(policy)['spec']);
  const constraints = record(spec['matchConstraints']);
  const narrowed = ['namespaceSelector', 'objectSelector', 'excludeResourceRules'].find((one) =>
    isSaid(constraints[one]),
  );
  if (isLeaving(policy)) return 'it is being deleted';
  if (!isOr(spec['failurePolicy'], 'Fail')) return 'spec.failurePolicy is not Fail';
  if (narrowed !== undefined) return `spec.matchConstraints.${narrowed} leaves something out`;
  if (!isOr(constraints['matchPolicy'], 'Equivalent'))
    return 'spec.matchConstraints.matchPolicy is not Equivalent';
  if (isSaid(spec['matchConditions'])) return 'spec.matchConditions leaves something out';
  if (isSaid(spec['paramKind'])) return 'spec.paramKind makes it depend on another object';
  return ruleFault(constraints) ?? questionFault(spec);
}

/** As `policyFault`, of its ValidatingAdmissionPolicyBinding. */
export function bindingFault(binding: unknown): string | undefined {
  if (binding === undefined) return 'it is missing';
  const spec = record(record(binding)['spec']);
  if (isLeaving(binding)) return 'it is being deleted';
  if (text(spec['policyName']) !== policyName) return `spec.policyName is not ${policyName}`;
  if (!list(spec['validationActions']).includes('Deny'))
    return 'spec.validationActions does not say Deny';
  if (isSaid(spec['matchResources'])) return 'spec.matchResources leaves something out';
  if (isSaid(spec['paramRef'])) return 'spec.paramRef makes it depend on another object';
  return undefined;
}

/**
 * Since when an object of the API server has said what it says: made, or its spec written last, by the API server's clock.
 *
 * @returns undefined where it does not tell
 */
export function saidSince(body: unknown): EpochMs | undefined {
  const metadata = record(record(body)['metadata']);
  const made = parseMoment(text(metadata['creationTimestamp']) ?? '');
  if (made === undefined) return undefined;
  const written = list(metadata['managedFields'])
    .map(record)
    .filter((entry) => 'f:spec' in record(entry['fieldsV1']))
    .flatMap((entry) => parseMoment(text(entry['time']) ?? '') ?? []);
  return epochMs(Math.max(made, ...written));
}

function ruleFault(constraints: Body): string | undefined {
  const rules = list(constraints['resourceRules']).map(record);
  for (const kind of approvingKinds)
    for (const operation of ['CREATE', 'UPDATE'])
      if (!rules.some((rule) => asks(rule, resources[kind].plural, operation)))
        return `spec.matchConstraints.resourceRules leaves out ${operation} of ${resources[kind].plural}.${group}`;
  return undefined;
}

function questionFault(spec: Body): string | undefined {
  const variables = list(spec['variables']).map(record);
  for (const [name, expression] of Object.entries(policyVariables)) {
    const same = variables.filter((one) => one['name'] === name);
    if (same.length !== 1 || same[0]?.['expression'] !== expression)
      return `spec.variables: ${name} is another one than this release asks for`;
  }
  const validations = list(spec['validations']).map(record);
  const isAsked = policyValidations.every((wanted) =>
    validations.some(({ expression }) => expression === wanted),
  );
  return isAsked ? undefined : 'spec.validations does not ask what this release asks for';
}

function asks(rule: Body, resource: string, operation: string): boolean {
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

function isLeaving(body: unknown): boolean {
  return record(record(body)['metadata'])['deletionTimestamp'] !== undefined;
}

/** A field that the API server fills in where nobody says it. */
function isOr(value: unknown, filled: string): boolean {
  return value === undefined || value === filled;
}

/** The API server writes down what nobody said as an empty object. */
function isSaid(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Object.keys(record(value)).length > 0;
}
