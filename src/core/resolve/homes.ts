import type { MiniProgram } from '../kinds/index.ts';
import type { Barrier } from '../model/desired.ts';
import type { Policy, Suspension } from '../model/policy.ts';
import type { Environment } from '../words/environments.ts';
import { nearest } from '../validate/names.ts';
import { type ProgramId, programId, type ProgramKey } from '../words/keys.ts';
import type { Place } from '../words/places.ts';
import type { Entry, SourceIndex } from './index-source.ts';
import { type GlobalBody, globalFields } from './layers.ts';
import type { Base } from './merge.ts';
import { barrierOf, type Mistake } from './mistakes.ts';
import { policyOf, suspensionOf } from './policy.ts';
import { type HomeShape, programShape, type TargetShape } from './shape.ts';
import { type Rights, rightsOf, type Trust, type TrustedConnection } from './trust.ts';

type Spec = MiniProgram['spec'];

/** A MiniProgram as one source declares it, ready to be referred to. */
export interface DeclaredProgram {
  readonly entry: Entry;
  readonly homes: readonly Home[];
  readonly targets: readonly TargetShape[];
  /** Absent: the document is invalid. */
  readonly spec?: Spec;
}

/** One console of a declared program. */
export interface Home {
  readonly source: string;
  readonly entry: Entry;
  readonly shape: HomeShape;
  readonly key: ProgramKey;
  readonly id: ProgramId;
  readonly rights: Rights;
  /** The declared global configuration; absent: none is declared. */
  readonly global?: { readonly body: GlobalBody; readonly fields: Base };
  /** The program's own policy, and what its overrides make of it. */
  readonly policy: Policy;
  readonly policies: Readonly<Record<Environment, Policy>>;
  readonly suspended?: Suspension;
  /** Forbids everything declared for this console. */
  readonly barrier?: Barrier;
  readonly mistakes: readonly Mistake[];
}

/** The programs of one source; two with one program key are both out. */
export function declaredPrograms(index: SourceIndex, trust: Trust): DeclaredProgram[] {
  const programs = index.programs.map((entry) => declared(index.source, entry, trust));
  const byKey = new Map<ProgramId, Home[]>();
  for (const home of programs.flatMap(({ homes }) => homes))
    byKey.set(home.id, [...(byKey.get(home.id) ?? []), home]);
  return programs.map((program) => ({
    ...program,
    homes: program.homes.map((home) => withoutTwin(home, byKey.get(home.id) ?? [])),
  }));
}

function declared(source: string, entry: Entry, trust: Trust): DeclaredProgram {
  const { homes, targets } = programShape(entry.value);
  const spec = entry.document?.kind === 'MiniProgram' ? entry.document.value.spec : undefined;
  const suspended = suspensionOf(spec?.suspend, entry.id);
  const policy = policyOf(spec?.policy);
  const shared = {
    source,
    entry,
    policy,
    policies: policiesOf(spec, policy),
    ...(suspended !== undefined && { suspended }),
    ...(spec === undefined && { barrier: invalidProgram(entry) }),
  };
  return {
    entry,
    targets,
    homes: homes.map((shape) => ({
      ...shared,
      ...globalOf(spec, entry, shape),
      ...placed(source, entry, shape, trust),
    })),
    ...(spec !== undefined && { spec }),
  };
}

function policiesOf(spec: Spec | undefined, own: Policy): Record<Environment, Policy> {
  const overrides = spec?.policy?.environments ?? {};
  const policyIn = (environment: Environment): Policy =>
    overrides[environment] === undefined ? own : policyOf(spec?.policy, environment);
  return {
    Production: policyIn('Production'),
    Sandbox: policyIn('Sandbox'),
    Test: policyIn('Test'),
    Development: policyIn('Development'),
  };
}

function globalOf(spec: Spec | undefined, entry: Entry, shape: HomeShape): Pick<Home, 'global'> {
  const { globalPointer } = shape;
  if (spec === undefined || globalPointer === undefined) return {};
  const instance = spec.instances?.find((_, index) => shape.pointer === `/spec/instances/${index}`);
  const body = instance?.globalConfig ?? spec.globalConfig;
  return body === undefined
    ? {}
    : { global: { body, fields: globalFields(body, entry.id, globalPointer) } };
}

type Placed = Pick<Home, 'shape' | 'key' | 'id' | 'rights' | 'mistakes' | 'barrier'>;

/** Program keys that a MiniProgram claims, as far as they can be read; as `declaredPrograms` finds them. */
export function claimedPrograms(value: unknown, { connections }: Trust): readonly ProgramId[] {
  return programShape(value).homes.map(({ connection: name, workspace, miniProgram }) => {
    if (connections === undefined) return programId({ platform: name, workspace, miniProgram });
    const known = Object.hasOwn(connections, name) ? connections[name] : undefined;
    const platform = known?.platformId ?? unknownPlatform(name);
    return programId({ platform, workspace, miniProgram });
  });
}

const unknown = 'unknown:';

/** No platform can have this id, so a misspelt name never meets the keys of a real platform. */
function unknownPlatform(connection: string): string {
  return `${unknown}${connection}`;
}

/** The program names a connection that nobody has declared: all that is declared for it has a barrier. */
export function isHomeless({ platform }: Pick<ProgramKey, 'platform'>): boolean {
  return platform.startsWith(unknown);
}

/** Finds the platform behind the connection's name. */
function placed(source: string, entry: Entry, shape: HomeShape, trust: Trust): Placed {
  const { connection: name, workspace, miniProgram } = shape;
  const at = (platform: string, connection: TrustedConnection | undefined): Placed => {
    const key: ProgramKey = { platform, workspace, miniProgram };
    return {
      shape,
      key,
      id: programId(key),
      rights: rightsOf(trust, source, connection, key),
      mistakes: [],
    };
  };
  if (trust.connections === undefined) return at(name, undefined);
  const connection = Object.hasOwn(trust.connections, name) ? trust.connections[name] : undefined;
  if (connection !== undefined) return at(connection.platformId, connection);
  const mistake = unknownConnection(entry, shape, Object.entries(trust.connections));
  return {
    ...at(unknownPlatform(name), undefined),
    mistakes: [mistake],
    barrier: barrierOf('ReferenceNotFound', mistake),
  };
}

function unknownConnection(
  entry: Entry,
  { connection: name, pointer }: HomeShape,
  known: readonly (readonly [string, TrustedConnection])[],
): Mistake {
  const names = known.map(([each]) => each);
  const byPlatform = known.find(([, { platformId }]) => platformId === name)?.[0];
  const meant = byPlatform ?? nearest(name, names);
  const hint =
    meant === undefined
      ? `Known are: ${names.sort().join(', ') || 'none'}.`
      : `Did you mean ${meant}?`;
  return {
    rule: 'connection-not-found',
    severity: 'error',
    message: `There is no PlatformConnection ${name}`,
    nextStep: `${hint} Connections stand in the administrator's settings.`,
    place: { document: entry.id, pointer: `${pointer}/connection` },
  };
}

function withoutTwin(home: Home, same: readonly Home[]): Home {
  const [first] = same;
  if (first === undefined || same.length === 1) return home;
  const place = (of: Home): Place => ({ document: of.entry.id, pointer: `${of.shape.pointer}/id` });
  const related = same.filter((other) => other !== home).map(place);
  const mistake: Mistake = {
    rule: 'duplicate-program',
    severity: 'error',
    message: `Mini program ${home.shape.miniProgram} of workspace ${home.shape.workspace} is declared twice in ${home.source}; neither is applied`,
    nextStep: 'Keep one MiniProgram for it, and let all its releases name that one.',
    place: place(home),
    related,
  };
  // Both places stand in the one problem, the barrier on every twin; two documents with one identity are told already.
  const told = home !== first || same.every((other) => hasIdentityOf(other.entry, home.entry));
  const mistakes = told ? home.mistakes : [...home.mistakes, mistake];
  return { ...home, mistakes, barrier: home.barrier ?? barrierOf('Invalid', mistake) };
}

/** Another document of the same name; one document may still hold one key twice. */
function hasIdentityOf(a: Entry, b: Entry): boolean {
  return a.name === b.name && a.namespace === b.namespace && a.document === undefined;
}

function invalidProgram(entry: Entry): Barrier {
  return {
    reason: 'Invalid',
    message: `MiniProgram ${entry.name} is invalid`,
    nextStep: `Correct MiniProgram ${entry.name}.`,
    places: [{ document: entry.id, pointer: '' }],
  };
}

/** The console that releases to an app. */
export function homeOf(program: DeclaredProgram, app: string): Home | undefined {
  return program.homes.find(({ shape }) => shape.apps?.includes(app) ?? true);
}
