import { fingerprintIndex, type Fingerprints } from '../core/model/observed.ts';
import type { Change, FieldChange, Precondition } from '../core/model/plan.ts';
import type {
  PlatformWrite,
  WriteCondition,
  WriteConfig,
  WritePatch,
  WriteValue,
} from '../core/model/write.ts';
import { markCondition } from '../core/plan/request-id.ts';
import { ReconcileError } from '../core/words/errors.ts';
import {
  fields as fieldNames,
  pathsOf,
  type Field,
  type FieldPath,
  type SecretRef,
} from '../core/words/fields.ts';
import type { SecretStore } from '../ports/index.ts';

/** What of a change is written by one call. */
export interface Target {
  readonly change: Change;
  readonly fields: readonly FieldChange[];
  /** How the record must stand for the call to be made. */
  readonly precondition: Precondition;
  /** The mark to write; absent where none is written or the platform stores none. */
  readonly mark?: string;
}

/** Opens what a change needs, for one claimant. */
export interface Opening {
  readonly secrets: SecretStore;
  readonly fingerprints: Fingerprints;
  readonly signal: AbortSignal;
}

/**
 * The call that carries out a target. The only place where a secret is opened.
 *
 * @throws ReconcileError `SecretUnavailable`; `Stale` when a secret is no longer the one that was planned
 */
export async function compose(target: Target, opening: Opening): Promise<PlatformWrite> {
  const { change, precondition } = target;
  const values = await valuesOf(target, opening);
  const mark = target.mark === undefined ? {} : { mark: target.mark };
  if (change.scope === 'release' && precondition.kind === 'absent') {
    return { operation: 'createRelease', key: change.key, config: withoutNulls(values), ...mark };
  }
  const condition = conditionOf(precondition);
  return change.scope === 'release'
    ? { operation: 'patchReleaseConfig', key: change.key, patch: values, ...mark, condition }
    : {
        operation: 'patchGlobalConfig',
        key: change.key,
        patch: plainOnly(values),
        ...mark,
        condition,
      };
}

function conditionOf(precondition: Precondition): WriteCondition {
  if (precondition.kind !== 'record')
    throw new TypeError(`a patch needs an observed record, not ${precondition.kind}`);
  return { ifRevision: precondition.revision, ifMark: markCondition(precondition.mark) };
}

async function valuesOf({ change, fields }: Target, opening: Opening): Promise<WritePatch> {
  const entries = await Promise.all(
    fields.map(async (field): Promise<[FieldPath, WriteValue | null]> => {
      if (field.path === 'mark' || !field.write)
        throw new TypeError(`${field.path} cannot be written`);
      if (field.write.to === 'inherit') return [field.path, null];
      const { value } = field.write;
      if (value.kind === 'text') return [field.path, value.text];
      if (value.kind === 'list') return [field.path, value.items];
      return [field.path, await openPlanned(change.source, value.ref, opening)];
    }),
  );
  return Object.fromEntries(entries);
}

/** A secret that was rotated since the plan is another value than the one that was shown and approved. */
async function openPlanned(
  source: string,
  ref: SecretRef,
  { secrets, fingerprints, signal }: Opening,
) {
  const secret = await secrets.open(source, ref, signal);
  const { key } = fingerprints;
  const verdict = fingerprints.secrets[fingerprintIndex(source, ref)];
  const planned = key && verdict?.state === 'known' ? verdict.fingerprints[key.id] : undefined;
  if (!key || planned !== key.fingerprint(secret)) {
    throw new ReconcileError('Stale', `secret ${ref.name}/${ref.key} changed after it was planned`);
  }
  return secret;
}

/** A record that is not there yet has nothing to inherit away. */
function withoutNulls(values: WritePatch): WriteConfig {
  const config: Partial<Record<FieldPath, WriteValue>> = {};
  for (const path of pathsOf(values)) {
    const value = values[path];
    if (value !== null && value !== undefined) config[path] = value;
  }
  return config;
}

/** Variables exist at release level only. */
function plainOnly(values: WritePatch): WritePatch<Field> {
  const patch: Partial<Record<Field, WriteValue | null>> = {};
  for (const path of fieldNames) if (values[path] !== undefined) patch[path] = values[path];
  return patch;
}
