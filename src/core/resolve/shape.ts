import { type Environment, isEnvironment } from '../words/environments.ts';
import type { Target } from '../words/keys.ts';
import { list, record } from '../validate/read.ts';
import { pointer } from '../words/places.ts';

/** A target as it stands in a list, and where. */
export interface TargetShape extends Target {
  readonly pointer: string;
}

/** One console a program lives in. */
export interface HomeShape {
  readonly connection: string;
  readonly workspace: string;
  readonly miniProgram: string;
  /** Absent: every app. */
  readonly apps?: readonly string[];
  /** Where `workspace` and `id` stand. */
  readonly pointer: string;
  /** Where the global configuration of this home stands; absent: none is declared. */
  readonly globalPointer?: string;
}

export interface ProgramShape {
  readonly homes: readonly HomeShape[];
  readonly targets: readonly TargetShape[];
}

/** What a release is of. */
export interface ReleaseHead {
  readonly miniProgram: string | undefined;
  readonly version: string | undefined;
}

export interface ReleaseShape extends ReleaseHead {
  readonly environments: readonly Environment[];
  readonly targets: readonly TargetShape[];
}

type Untrusted = Readonly<Record<string, unknown>>;

/** What a MiniProgram claims, as far as it can be read: an invalid document keeps its claims. */
export function programShape(value: unknown): ProgramShape {
  const spec = child(value, 'spec');
  return { homes: homesOf(spec), targets: targetsOf(spec) };
}

/** The program and version of a MiniProgramRelease, as far as they can be read. */
export function releaseHead(value: unknown): ReleaseHead {
  const spec = child(value, 'spec');
  return { miniProgram: text(spec['miniProgram']), version: text(spec['version']) };
}

/** What a MiniProgramRelease claims, as far as it can be read. */
export function releaseShape(value: unknown): ReleaseShape {
  const spec = child(value, 'spec');
  return {
    ...releaseHead(value),
    environments: list(spec['environments']).filter(isEnvironmentName),
    targets: targetsOf(spec),
  };
}

function homesOf(spec: Untrusted): HomeShape[] {
  const shared = 'globalConfig' in spec ? '/spec/globalConfig' : undefined;
  if (!('instances' in spec)) return homeOf(spec, '/spec', shared);
  return list(spec['instances']).flatMap((item, index) => {
    const instance = record(item);
    const at = pointer('spec', 'instances', index);
    const apps = list(instance['apps']).filter((app) => typeof app === 'string');
    const own = 'globalConfig' in instance ? `${at}/globalConfig` : shared;
    return homeOf(instance, at, own).map((home) => ({ ...home, apps }));
  });
}

function homeOf(at: Untrusted, where: string, globalPointer: string | undefined): HomeShape[] {
  const workspace = text(at['workspace']);
  const miniProgram = text(at['id']);
  if (workspace === undefined || miniProgram === undefined) return [];
  const connection = text(at['connection']) ?? 'default';
  const home = { connection, workspace, miniProgram, pointer: where };
  return [globalPointer === undefined ? home : { ...home, globalPointer }];
}

function targetsOf(spec: Untrusted): TargetShape[] {
  return list(spec['targets']).flatMap((item, index) => {
    const target = record(item);
    const app = text(target['app']);
    const environment = target['environment'];
    if (app === undefined || !isEnvironmentName(environment)) return [];
    return [{ app, environment, pointer: pointer('spec', 'targets', index) }];
  });
}

function isEnvironmentName(value: unknown): value is Environment {
  return typeof value === 'string' && isEnvironment(value);
}

/** An unquoted id is a mistake that still tells the id, as long as no digit was lost. */
function text(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function child(value: unknown, key: string): Untrusted {
  return record(record(value)[key]);
}
