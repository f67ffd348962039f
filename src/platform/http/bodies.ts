import type {
  PlatformWrite,
  RequestId,
  WriteCondition,
  WriteConfig,
  WritePatch,
  WriteValue,
} from '../../core/model/write.ts';
import {
  type FieldPath,
  listFields,
  pathsOf,
  stringFields,
  variableName,
} from '../../core/words/fields.ts';
import type { ReleaseKey } from '../../core/words/keys.ts';
import { reveal, SecretText } from '../../core/words/secret-text.ts';
import type { RequestOf, WireGlobalPatch, WireNewConfig, WirePatch } from '../../protocol/wire.ts';

/** The write of one operation. */
export type WriteOf<O extends PlatformWrite['operation']> = Extract<
  PlatformWrite,
  { readonly operation: O }
>;

/** What goes with a write besides its values. What a platform cannot do is not asked of it. */
export interface Features {
  /** Absent where the platform remembers none. */
  readonly requestId?: RequestId;
  readonly marks: boolean;
  readonly conditionalWrites: boolean;
}

export function createBody(
  write: WriteOf<'createRelease'>,
  features: Features,
): RequestOf<'createRelease'> {
  const config = plainConfig(write.config);
  const environmentVariables = variablesOf(write.config).flatMap(({ name, value }) =>
    value === null ? [] : [{ name, value }],
  );
  if (environmentVariables.length > 0) config.environmentVariables = environmentVariables;
  return { ...releaseKeyOf(write.key), config, ...extras(write, features) };
}

export function patchReleaseBody(
  write: WriteOf<'patchReleaseConfig'>,
  features: Features,
): RequestOf<'patchReleaseConfig'> {
  const patch: WirePatch = plainPatch(write.patch);
  const variables = variablesOf(write.patch);
  const upsert = variables.flatMap(({ name, value }) => (value === null ? [] : [{ name, value }]));
  const remove = variables.flatMap(({ name, value }) => (value === null ? [name] : []));
  if (variables.length > 0) {
    patch.environmentVariables = {
      ...(upsert.length > 0 ? { upsert } : {}),
      ...(remove.length > 0 ? { remove } : {}),
    };
  }
  return {
    ...releaseKeyOf(write.key),
    patch,
    ...condition(write, features),
    ...extras(write, features),
  };
}

export function patchGlobalBody(
  write: WriteOf<'patchGlobalConfig'>,
  features: Features,
): RequestOf<'patchGlobalConfig'> {
  const { workspace, miniProgram } = write.key;
  const patch: WireGlobalPatch = plainPatch(write.patch);
  return {
    workspace,
    miniProgram,
    patch,
    ...condition(write, features),
    ...extras(write, features),
  };
}

/** The key as the contract names it: the platform is whoever is asked. */
export function releaseKeyOf({ workspace, miniProgram, version, app, environment }: ReleaseKey) {
  return { workspace, miniProgram, version, app, environment };
}

function extras({ mark }: PlatformWrite, { marks, requestId }: Features) {
  return {
    ...(mark === undefined || !marks ? {} : { mark }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

function condition(
  write: WriteOf<'patchReleaseConfig' | 'patchGlobalConfig'>,
  { conditionalWrites }: Features,
): Partial<WriteCondition> {
  return conditionalWrites ? write.condition : {};
}

function plainConfig(config: WriteConfig): WireNewConfig {
  const body: WireNewConfig = {};
  for (const field of stringFields) {
    const value = config[field];
    if (value !== undefined) body[field] = textOf(field, value);
  }
  for (const field of listFields) {
    const value = config[field];
    if (value !== undefined) body[field] = itemsOf(field, value);
  }
  return body;
}

function plainPatch(patch: WritePatch): WireGlobalPatch {
  const body: WireGlobalPatch = {};
  for (const field of stringFields) {
    const value = patch[field];
    if (value !== undefined) body[field] = value === null ? null : textOf(field, value);
  }
  for (const field of listFields) {
    const value = patch[field];
    if (value !== undefined) body[field] = value === null ? null : itemsOf(field, value);
  }
  return body;
}

interface VariableText {
  readonly name: string;
  /** In clear; `null` removes it. */
  readonly value: string | null;
}

/** In the order of names, so that the same write gives the same bytes. */
function variablesOf(config: WritePatch): readonly VariableText[] {
  return pathsOf(config).flatMap((path) => {
    const name = variableName(path);
    const value = config[path];
    if (name === undefined || value === undefined) return [];
    return [{ name, value: value === null ? null : textOf(path, value) }];
  });
}

/** The only place where a secret is opened on its way to the platform. */
function textOf(path: FieldPath, value: WriteValue): string {
  if (value instanceof SecretText) return reveal(value);
  if (typeof value === 'string') return value;
  throw new TypeError(`${path} takes a text`);
}

function itemsOf(path: FieldPath, value: WriteValue): string[] {
  if (typeof value === 'string' || value instanceof SecretText)
    throw new TypeError(`${path} takes a list`);
  return [...value];
}
