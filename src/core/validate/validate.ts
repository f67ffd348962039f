import { ConfigProfile, MiniProgram, MiniProgramRelease } from '../generated/declarations.js';
import { GitSource, PlatformConnection, Settings } from '../generated/settings.js';
import type { Validator } from '../generated/validator.d.ts';
import type { KindName, Kinds } from '../kinds/index.ts';
import { connectionFindings } from './connection.ts';
import { profileFindings, programFindings, releaseFindings } from './declarations.ts';
import type { Finding } from './finding.ts';
import { isRecord, record } from './read.ts';
import { schemaFindings } from './schema-findings.ts';
import { gitSourceFindings, settingsFindings } from './settings.ts';
import { textFindings } from './texts.ts';

const validators: { readonly [K in KindName]: Validator<Kinds[K]> } = {
  MiniProgram,
  ConfigProfile,
  MiniProgramRelease,
  PlatformConnection,
  GitSource,
  Settings,
};

/** Rules between fields, given whatever stands under `spec`. */
const betweenFields: Readonly<Record<KindName, (spec: unknown) => readonly Finding[]>> = {
  MiniProgram: programFindings,
  ConfigProfile: profileFindings,
  MiniProgramRelease: releaseFindings,
  PlatformConnection: connectionFindings,
  GitSource: gitSourceFindings,
  Settings: settingsFindings,
};

/** A value that is a document of its kind, or everything that is wrong with it. */
export type Validated<K extends KindName> =
  | { readonly valid: true; readonly value: Kinds[K] }
  | { readonly valid: false; readonly findings: readonly [Finding, ...Finding[]] };

/**
 * Whether a value is a document of a kind: schema and every rule between its fields, all mistakes at once.
 *
 * @param value  plain data, whatever it is; not changed
 */
export function validate<K extends KindName>(kind: K, value: unknown): Validated<K> {
  const validator = validators[kind];
  const fits = validator(value);
  const { spec } = record(value);
  const [first, ...rest] = [
    ...(fits ? [] : schemaFindings(kind, value, validator.errors ?? [])),
    ...(isRecord(spec) ? betweenFields[kind](spec) : []),
    ...textFindings(value),
  ];
  if (first !== undefined) return { valid: false, findings: [first, ...rest] };
  if (fits) return { valid: true, value };
  // Only what could not be read is missing, and that was said where it stands.
  return { valid: false, findings: [unreadable] };
}

const unreadable: Finding = {
  rule: 'unreadable',
  pointer: '',
  at: 'value',
  message: 'Part of the document could not be read.',
  nextStep: 'Correct the other problems first.',
};
