import type {
  Barrier,
  DesiredGlobal,
  DesiredProgram,
  DesiredRelease,
  Resolved,
} from '../../../src/core/model/desired.ts';
import type {
  Capabilities,
  Fingerprints,
  ObservedMiniProgram,
  ObservedProgram,
  ObservedRelease,
} from '../../../src/core/model/observed.ts';
import { revision } from '../../../src/core/model/observed.ts';
import {
  defaultGates,
  defaultPolicy,
  type Gates,
  type Policy,
} from '../../../src/core/model/policy.ts';
import type { Base, ChangeId, Decision, FieldChange, Plan } from '../../../src/core/model/plan.ts';
import { decide } from '../../../src/core/plan/decide.ts';
import { makePlan, type PlanInput } from '../../../src/core/plan/make-plan.ts';
import { claimantTag, formatMark, installationTag } from '../../../src/core/plan/mark.ts';
import { digestOf, FingerprintKey } from '../../../src/core/words/digests.ts';
import type { Environment } from '../../../src/core/words/environments.ts';
import {
  isVariable,
  listOf,
  type DesiredValue,
  type FieldPath,
  type ObservedConfig,
  type ObservedValue,
} from '../../../src/core/words/fields.ts';
import { releaseId, type ProgramKey, type ReleaseKey } from '../../../src/core/words/keys.ts';
import type { DocumentId, Place } from '../../../src/core/words/places.ts';
import { SecretText } from '../../../src/core/words/secret-text.ts';
import type { Status } from '../../../src/core/words/statuses.ts';
import { epochMs } from '../../../src/core/words/time.ts';

export const hour = 3_600_000;
export const now = epochMs(1_700_000_000_000);
const program: ProgramKey = { platform: 'mp', workspace: 'acme', miniProgram: '3500' };
export const key = new FingerprintKey(Buffer.alloc(32, 7));
export const otherKey = new FingerprintKey(Buffer.alloc(32, 9));

export const capabilities: Capabilities = {
  conditionalWrites: true,
  requestIds: true,
  marks: true,
  increments: true,
  frozen: true,
  variables: 'readable',
  maxPageSize: 100,
  maxIdsPerFilter: 50,
};

/** Values as people write them: a list, a text, or `{ secret }` for a reference `store/<secret>`. */
export type Plain = string | readonly string[] | { readonly secret: string };
export type PlainConfig = Readonly<Record<string, Plain>>;

function place(document = 'cli|release.yaml#0', pointer = ''): Place {
  return { document: document as DocumentId, pointer };
}

const releaseDocument = 'cli|release.yaml#0' as DocumentId;
const programDocument = 'cli|program.yaml#0' as DocumentId;

function desiredValue(plain: Plain): DesiredValue {
  if (typeof plain === 'string') return { kind: 'text', text: plain };
  if ('secret' in plain) return { kind: 'secret', ref: { name: 'store', key: plain.secret } };
  return listOf(plain);
}

/** `shared`: every value comes from the program's document. */
function resolved(config: PlainConfig, document: DocumentId = releaseDocument): Resolved {
  return Object.fromEntries(
    Object.entries(config).map(([path, plain]) => [
      path,
      { value: desiredValue(plain), origins: [place(document, `/spec/config/${path}`)] },
    ]),
  );
}

export interface ReleaseOptions {
  readonly version?: string;
  readonly app?: string;
  readonly environment?: Environment;
  readonly config?: PlainConfig;
  /** Values that come from the program's document. */
  readonly shared?: PlainConfig;
  readonly policy?: Partial<Policy>;
  readonly own?: boolean;
  readonly superseded?: boolean;
  readonly source?: string;
  readonly suspended?: DesiredRelease['suspended'];
  readonly barrier?: Barrier['reason'];
  readonly since?: number;
  readonly rivals?: DesiredRelease['rivals'];
}

export function releaseKey(
  options: Pick<ReleaseOptions, 'version' | 'app' | 'environment'> = {},
): ReleaseKey {
  const { version = '1.0.0', app = 'megapay', environment = 'Sandbox' } = options;
  return { ...program, version, app, environment };
}

export function desiredRelease(options: ReleaseOptions = {}): DesiredRelease {
  return {
    key: releaseKey(options),
    name: `coffee-${options.version ?? '1.0.0'}`,
    document: releaseDocument,
    source: options.source ?? 'cli',
    config: {
      ...resolved(options.shared ?? {}, programDocument),
      ...resolved(options.config ?? {}),
    },
    own: options.own ?? true,
    superseded: options.superseded ?? false,
    policy: { ...defaultPolicy, ...options.policy },
    claims: [place(releaseDocument, '/spec/targets/0')],
    ...(options.suspended ? { suspended: options.suspended } : {}),
    ...(options.barrier ? { barrier: barrier(options.barrier) } : {}),
    ...(options.since === undefined ? {} : { since: epochMs(options.since) }),
    ...(options.rivals ? { rivals: options.rivals } : {}),
  };
}

function barrier(reason: Barrier['reason']): Barrier {
  return { reason, message: `because ${reason}`, nextStep: `Lift ${reason}.`, places: [] };
}

export interface GlobalOptions {
  readonly config?: PlainConfig;
  readonly unset?: readonly ('clientId' | 'merchantId' | 'serverDomains' | 'wapUrls' | 'testers')[];
  readonly policy?: Partial<Policy>;
  readonly source?: string;
  readonly suspended?: DesiredGlobal['suspended'];
  readonly barrier?: Barrier['reason'];
  readonly rivals?: DesiredGlobal['rivals'];
}

export function desiredGlobal(options: GlobalOptions = {}): DesiredGlobal {
  return {
    config: resolved(options.config ?? {}, programDocument),
    unset: (options.unset ?? []).map((field) => ({ field, place: place(programDocument) })),
    source: options.source ?? 'cli',
    policy: { ...defaultPolicy, ...options.policy },
    claims: [place(programDocument)],
    ...(options.suspended ? { suspended: options.suspended } : {}),
    ...(options.barrier ? { barrier: barrier(options.barrier) } : {}),
    ...(options.rivals ? { rivals: options.rivals } : {}),
  };
}

export function desiredProgram(
  releases: readonly DesiredRelease[],
  global?: DesiredGlobal,
): DesiredProgram {
  return {
    key: program,
    connection: 'default',
    names: ['coffee'],
    releases,
    digest: 'digest',
    ...(global ? { global } : {}),
  };
}

function observedValue(path: FieldPath, plain: Plain): ObservedValue {
  if (typeof plain === 'string') {
    if (plain === '(hidden)') return { kind: 'hidden' };
    return isVariable(path)
      ? { kind: 'sealed', secret: new SecretText(plain) }
      : { kind: 'text', text: plain };
  }
  if ('secret' in plain)
    return { kind: 'sealed', secret: new SecretText(secretTexts[plain.secret] ?? '') };
  return { kind: 'list', items: plain };
}

export function observedConfig(config: PlainConfig): ObservedConfig {
  return Object.fromEntries(
    Object.entries(config).map(([path, plain]) => [path, observedValue(path as FieldPath, plain)]),
  );
}

export interface RecordOptions extends Pick<ReleaseOptions, 'version' | 'app' | 'environment'> {
  readonly status?: Status;
  readonly config?: PlainConfig;
  readonly frozen?: PlainConfig;
  readonly mark?: string | undefined;
  readonly revision?: string;
}

export function record(options: RecordOptions = {}): ObservedRelease {
  return {
    key: releaseKey(options),
    id: `id-${options.version ?? '1.0.0'}`,
    status: options.status ?? 'NewVersionCreated',
    revision: revision(options.revision ?? 'r1'),
    config: observedConfig(options.config ?? {}),
    ...(options.mark === undefined ? {} : { mark: options.mark }),
    ...(options.frozen ? { frozen: observedConfig(options.frozen) } : {}),
  };
}

export const secretTexts: Readonly<Record<string, string>> = {
  first: 'value of the first secret',
  second: 'value of the second secret',
};

/** The base of a value, computed from the format alone. */
function baseOf(path: FieldPath, plain: Plain, by: FingerprintKey = key): Base {
  if (!isVariable(path)) {
    const value = typeof plain === 'string' ? plain : [...(plain as readonly string[])].sort();
    return digestOf(value).slice(0, 11) as Base;
  }
  if (typeof plain === 'string') return `l${digestOf(plain).slice(0, 10)}` as Base;
  const text = secretTexts[(plain as { secret: string }).secret] ?? '';
  return `s${by.fingerprint(new SecretText(text)).slice(0, 10)}` as Base;
}

export interface MarkOptions {
  readonly installation?: string;
  readonly source?: string;
  readonly by?: FingerprintKey;
}

/** A mark whose bases are those of the given values. */
export function markOf(values: PlainConfig, options: MarkOptions = {}): string {
  const { installation = 'default', source = 'cli', by = key } = options;
  return formatMark({
    installation: installationTag(installation),
    claimant: claimantTag(source),
    keyId: by.id,
    bases: Object.fromEntries(
      Object.entries(values).map(([path, plain]) => [path, baseOf(path as FieldPath, plain, by)]),
    ),
  });
}

export interface ObservedOptions extends Partial<Omit<ObservedProgram, 'releases' | 'key'>> {
  readonly global?: PlainConfig;
  readonly globalMark?: string;
  readonly type?: ObservedMiniProgram['type'];
  readonly domainsGranted?: boolean;
}

export function observedProgram(
  records: readonly ObservedRelease[],
  options: ObservedOptions = {},
): ObservedProgram {
  const { global, globalMark, type, domainsGranted, ...rest } = options;
  return {
    key: program,
    existence: 'exists',
    releases: Object.fromEntries(records.map((one) => [releaseId(one.key), one])),
    complete: true,
    capabilities,
    bases: {},
    attested: false,
    observedAt: now,
    versions: ['1.0.0', '1.1.0', '2.0.0'],
    targets: [
      { app: 'megapay', environments: ['Production', 'Sandbox', 'Test'] },
      { app: 'tapngo', environments: ['Production', 'Sandbox'] },
    ],
    miniProgram: {
      key: program,
      name: 'Coffee',
      ...(type === undefined ? {} : { type }),
      ...(domainsGranted === undefined ? {} : { domainsGranted }),
      global: {
        revision: revision('g1'),
        config: observedConfig(global ?? {}),
        ...(globalMark === undefined ? {} : { mark: globalMark }),
      },
    },
    ...rest,
  };
}

/** Both secrets known, under the present key and `otherKey` as a previous one. */
export function fingerprints(overrides: Partial<Fingerprints> = {}): Fingerprints {
  const known = (name: string) => {
    const secret = new SecretText(secretTexts[name] ?? '');
    return {
      state: 'known' as const,
      fingerprints: {
        [key.id]: key.fingerprint(secret),
        [otherKey.id]: otherKey.fingerprint(secret),
      },
    };
  };
  return {
    key,
    previous: [],
    secrets: { 'cli|store/first': known('first'), 'cli|store/second': known('second') },
    ...overrides,
  };
}

export function planInput(
  desired: DesiredProgram,
  observed: ObservedProgram,
  overrides: Partial<PlanInput> = {},
): PlanInput {
  return {
    desired,
    observed,
    fingerprints: fingerprints(),
    installation: 'default',
    takeOver: [],
    emulator: true,
    now,
    ...overrides,
  };
}

export function plan(
  desired: DesiredProgram,
  observed: ObservedProgram,
  overrides: Partial<PlanInput> = {},
): Plan {
  return makePlan(planInput(desired, observed, overrides));
}

/** The plan of one release against one record. */
export function planOne(
  release: ReleaseOptions,
  found: RecordOptions | undefined,
  observed: ObservedOptions = {},
): Plan {
  return plan(
    desiredProgram([desiredRelease(release)]),
    observedProgram(found ? [record(found)] : [], observed),
  );
}

export const openGates: Gates = {
  maxChanges: 'off',
  maxPercent: 'off',
  maxPrograms: 'off',
  clearTesters: 'off',
  clearDomains: 'off',
  productionPayee: 'off',
};

export interface DecideOptions {
  readonly gates?: Partial<Gates>;
  readonly allowed?: readonly ChangeId[];
  readonly programsInCommit?: number;
  readonly at?: number;
}

/** With the default gates, unless said otherwise. */
export function decideOn(made: Plan, options: DecideOptions = {}): Decision {
  return decide({
    plan: made,
    gates: { ...defaultGates, ...options.gates },
    programsInCommit: options.programsInCommit,
    allowed: new Set(options.allowed ?? []),
    now: epochMs(options.at ?? now),
  });
}

/** Paths that are written, in the order of writing; `mark` for a mark-only write. */
export function appliedPaths(decision: Decision): readonly string[] {
  return decision.apply.flatMap(({ apply, mark }) => {
    if (apply.length > 0) return apply.map(({ path }) => path);
    return mark ? ['mark'] : ['create'];
  });
}

/** `path: reason` of what is held. */
export function heldPaths(made: Plan, decision: Decision): readonly string[] {
  const fields = [...made.global, ...made.changes].flatMap((change) => change.fields);
  return decision.held.map(({ changeId, reason }) => {
    const field = fields.find((one) => one.changeId === changeId);
    return `${field?.path ?? 'create'}: ${reason}`;
  });
}

/** The field change of the first release, or of the global configuration. */
export function fieldOf(
  made: Plan,
  path: FieldPath | 'mark',
  scope: 'release' | 'global' = 'release',
): FieldChange {
  const change = scope === 'global' ? made.global[0] : made.changes[0];
  const found = change?.fields.find((one) => one.path === path);
  if (!found) throw new Error(`no change of ${path}`);
  return found;
}
