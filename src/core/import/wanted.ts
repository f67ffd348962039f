import { apiVersion } from '../kinds/common.ts';
import type { ObservedRelease } from '../model/observed.ts';
import { validate } from '../validate/validate.ts';
import {
  type DesiredValue,
  type FieldPath,
  listOf,
  type ObservedValue,
  pathsOf,
  variableName,
} from '../words/fields.ts';
import type { ReleaseKey } from '../words/keys.ts';
import { reveal } from '../words/secret-text.ts';
import type { Status } from '../words/statuses.ts';

/** Values by field; what is absent is not declared. */
export type Values = Readonly<Partial<Record<FieldPath, DesiredValue>>>;

/** What must be declared of a release so that its plan changes nothing. */
export interface Wanted {
  readonly key: ReleaseKey;
  readonly status: Status;
  readonly values: Values;
  /** Variables that are set and not written: their values may be secret. */
  readonly variables: readonly string[];
  /** Fields that are set to something no declaration can say; they stay as they are, undeclared. */
  readonly left: readonly FieldPath[];
}

/** @param literals  variables whose values are public, by name */
export function wantedOf(release: ObservedRelease, literals: ReadonlySet<string>): Wanted {
  const { key, status, config } = release;
  const values: Partial<Record<FieldPath, DesiredValue>> = {};
  const variables: string[] = [];
  const left: FieldPath[] = [];
  for (const path of pathsOf(config)) {
    const name = variableName(path);
    const value = judged(release, path);
    const declared =
      value && (name === undefined || literals.has(name)) ? declarable(path, value) : undefined;
    if (declared !== undefined) values[path] = declared;
    else if (name !== undefined) variables.push(name);
    else left.push(path);
  }
  return { key, status, values, variables, left };
}

/**
 * The value a plan compares a declaration with: today's while the release can be edited, else what was frozen at
 * applying. `undefined` where the two differ in a way that no declaration is equal to.
 *
 * @see docs: Ownership, effective configuration
 */
function judged(
  { status, config, frozen }: ObservedRelease,
  path: FieldPath,
): ObservedValue | undefined {
  const isEdited =
    status === 'NewVersionCreated' || (status === 'PilotTesting' && path === 'testers');
  return isEdited || frozen === undefined ? config[path] : frozen[path];
}

/** A value as a declaration says it; `undefined` if none can. */
export function declarable(path: FieldPath, value: ObservedValue): DesiredValue | undefined {
  const declared = plain(value);
  return declared !== undefined && isValid(path, declared) ? declared : undefined;
}

function plain(value: ObservedValue): DesiredValue | undefined {
  switch (value.kind) {
    case 'text':
      return value;
    case 'list':
      return listOf(value.items);
    case 'sealed':
      return { kind: 'text', text: reveal(value.secret) };
    case 'hidden':
      return undefined;
  }
}

/** Asks the validator itself, so that import never writes what validation refuses. */
function isValid(path: FieldPath, value: DesiredValue): boolean {
  const spec = { config: configBody({ [path]: value }) };
  return validate('ConfigProfile', {
    apiVersion,
    kind: 'ConfigProfile',
    metadata: { name: 'probe' },
    spec,
  }).valid;
}

/** Whether a release key can be declared at all. */
export function isDeclarableKey({ version, app, environment }: ReleaseKey): boolean {
  const spec = { miniProgram: 'probe', version, targets: [{ app, environment }] };
  return validate('MiniProgramRelease', {
    apiVersion,
    kind: 'MiniProgramRelease',
    metadata: { name: 'probe' },
    spec,
  }).valid;
}

/** Values as the `config` of a layer. */
export function configBody(values: Values): Readonly<Record<string, unknown>> {
  const body: Record<string, unknown> = {};
  const variables: { readonly name: string; readonly value: unknown }[] = [];
  for (const path of pathsOf(values)) {
    const value = values[path];
    const name = variableName(path);
    if (value === undefined || value.kind === 'secret') continue;
    const content = value.kind === 'list' ? [...value.items] : value.text;
    if (name === undefined) body[path] = content;
    else variables.push({ name, value: content });
  }
  return variables.length === 0 ? body : { ...body, environmentVariables: variables };
}
