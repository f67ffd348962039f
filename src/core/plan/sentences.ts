import type { FieldChange } from '../model/plan.ts';
import type { ObservedTargetApp } from '../model/observed.ts';
import type { MarkView } from './mark-view.ts';
import type { Reason } from '../words/reasons.ts';
import { statusTitles, type Status } from '../words/statuses.ts';
import type { ProgramKey, ReleaseKey } from '../words/keys.ts';
import { variableName, type FieldPath } from '../words/fields.ts';
import { targetStep } from './offered.ts';

/** What a next step may speak of. */
export interface Facts {
  readonly key: ReleaseKey;
  readonly status: Status | null;
  /** Fields the reason is about. */
  readonly paths: readonly FieldPath[];
  /** Values nobody declares that take up room. */
  readonly undeclared: readonly FieldPath[];
  /** Apps the platform offers, where they were read. */
  readonly targets?: readonly ObservedTargetApp[];
  /** What was not given, and why. */
  readonly secrets?: readonly string[];
}

/** A record with another installation's mark that would change. */
const contendedRecord =
  'Another installation marked this record: let only one of them declare it, or take it over (--take-over NAME, or takeOver in the settings).';

/** The same where nobody here can read the mark. */
const unreadableRecord =
  'Its mark cannot be read here: a newer Fairlead or another tool wrote it. Upgrade, or take it over (--take-over unknown).';

const steps = {
  ConfigLocked: ({ status, key }) =>
    status === 'UnderReview'
      ? 'Withdraw the request, or release a new version.'
      : `${titleOf(status)} of ${key.version} cannot be edited: release a new version (cancelling would spend this target for ever).`,
  TargetSpent: ({ key }) =>
    `${key.version} was canceled on ${targetText(key)} and can never be released there again: remove the target, or release a new version.`,
  TargetConflict: () => 'Let only one source declare it.',
  Contended: ({ paths }) =>
    paths.length > 0
      ? `Somebody keeps changing ${names(paths)} back: agree with them, then declare what you agreed on.`
      : contendedRecord,
  TargetUnavailable: ({ key, targets }) => targetStep(key, targets),
  VersionNotUploaded: ({ key }) =>
    `Upload version ${key.version}; the record is made once it is there.`,
  MiniProgramNotFound: ({ key }) =>
    `The platform knows no mini program ${key.miniProgram} in workspace ${key.workspace}: create it, or correct id and workspace.`,
  VariablesUnavailable: ({ key, paths }) =>
    `${key.app} offers this program no environment variables: remove ${names(paths)} for this target, or ask for the feature.`,
  VariablesLimit: ({ undeclared, paths }) =>
    undeclared.length > 0
      ? `A release holds at most five environment variables. Remove ${names(undeclared)} in the console, or declare them, to make room for ${names(paths)}.`
      : `A release holds at most five environment variables: there is no room for ${names(paths)} until another one is removed.`,
  Superseded: () =>
    'Nothing to do: a newer version is declared for this target and gets the change.',
  DomainsNotGranted: ({ paths }) =>
    `This program may not edit ${names(paths)}: ask the super app's workspace admin to authorize its server domains and WAP URLs.`,
  NotGranted: () => 'Ask the administrator to grant it in the connection.',
  AccessDenied: () => "Give Fairlead's client the role Admin of this mini program.",
  PlatformRefused: () => 'The platform refused: read its message and correct the declaration.',
  PlatformMismatch: () => 'Correct endpoint or platformId of the connection.',
  SecretUnavailable: ({ paths, secrets = [] }) =>
    secrets.length === 0
      ? `Make the secret behind ${names(paths)} readable here.`
      : `Make readable here what no store gives: ${secrets.join('; ')}.`,
  ReferenceNotFound: () => 'Correct the reference, or add what it names.',
  Invalid: () => 'Correct the document.',
} as const satisfies Record<Reason, (facts: Facts) => string>;

/** One sentence a person can follow, for a reason. */
export function stepFor(reason: Reason, facts: Facts): string {
  return steps[reason](facts);
}

/** The same for the global configuration. */
export function globalStep(
  reasons: readonly Reason[],
  fields: readonly FieldChange[],
  key: ProgramKey,
): string | null {
  const facts = {
    key: { ...key, version: '', app: '', environment: 'Production' },
    status: null,
    undeclared: [],
  } as const;
  const sentences = reasons.map((reason) =>
    stepFor(reason, { ...facts, paths: lockedPaths(fields, reason) }),
  );
  return sentences.length > 0 ? sentences.join(' ') : null;
}

/** Fields that are locked for one reason. */
export function lockedPaths(fields: readonly FieldChange[], reason: Reason): readonly FieldPath[] {
  return fields.flatMap(({ path, locked }) => (locked === reason && path !== 'mark' ? [path] : []));
}

/** The step for a record whose mark is not ours. */
export function contendedStep({ parsed }: Pick<MarkView, 'parsed'>): string {
  return parsed ? contendedRecord : unreadableRecord;
}

/** What undoing takes. */
export const undo = {
  create:
    'Cannot be undone: a record stays for ever (harmless until somebody applies for release).',
  adopt: 'Nothing to undo: only the note of what Fairlead manages is written.',
  update: 'Declare the earlier values again, as long as nobody applies for release.',
  pilot: 'Declare the earlier testers again, as long as pilot testing goes on.',
  global:
    'Declare the earlier values again; versions that were applied for meanwhile keep what they got.',
} as const;

/** Field names for a sentence. */
export function names(paths: readonly FieldPath[]): string {
  const all = paths.map((path) => variableName(path) ?? path);
  return all.length < 2
    ? (all[0] ?? 'it')
    : `${all.slice(0, -1).join(', ')} and ${all.at(-1) ?? ''}`;
}

function targetText({ app, environment }: Pick<ReleaseKey, 'app' | 'environment'>): string {
  return `${app}/${environment}`;
}

function titleOf(status: Status | null): string {
  return status === null ? 'The release' : statusTitles[status];
}
