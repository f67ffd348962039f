import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { Ajv } from 'ajv';
import { parseDocument, stringify } from 'yaml';

import { readPublicKey } from '../protocol/keys.ts';

import { createWorld, type CreateOptions } from './world/create.ts';
import { testQrCodeOf } from './world/records.ts';
import { idOf, type Config, type Program, type Release, type World } from './world/state.ts';
import { defaultSwitches, switchProblems } from './world/switches.ts';
import {
  WorldFile,
  type ProgramEntry,
  type ReleaseEntry,
  type WorkspaceEntry,
} from './world/world-schema.ts';

/** Why a world file cannot be used; every reason found, in words. */
export class WorldFileError extends Error {
  override readonly name = 'WorldFileError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the world file is not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * A world from YAML.
 *
 * @param options.directory  what paths of public keys are relative to; default the working directory
 * @throws WorldFileError with every problem found
 */
export function loadWorld(
  text: string,
  options: Omit<CreateOptions, 'file'> & { readonly directory?: string } = {},
): World {
  const { directory = '.', ...create } = options;
  const file = readWorldFile(text);
  const clients = file.clients?.map(({ publicKeyFile, ...client }) =>
    publicKeyFile === undefined
      ? client
      : { ...client, publicKey: readPublicKeyFile(resolve(directory, publicKeyFile)) },
  );
  return createWorld({ ...create, file: clients ? { ...file, clients } : file });
}

function readPublicKeyFile(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    readPublicKey(text);
    return text;
  } catch (error) {
    const why = error instanceof RangeError ? error.message : 'it cannot be read';
    throw new WorldFileError([`publicKeyFile ${path}: ${why}`]);
  }
}

function readWorldFile(text: string): WorldFile {
  const document = parseDocument(text, { maxAliasCount: 0 } as object);
  const errors = document.errors.map(({ message }) => message.split('\n', 1)[0] ?? 'not YAML');
  if (errors.length > 0) throw new WorldFileError(errors);
  const value: unknown = document.toJS() ?? {};
  const isWorldFile = new Ajv({ allErrors: true }).compile<WorldFile>(WorldFile);
  if (!isWorldFile(value))
    throw new WorldFileError(
      (isWorldFile.errors ?? []).map(({ instancePath, message, params }) =>
        `${instancePath || '/'} ${message ?? 'is wrong'} ${unexpected(params)}`.trim(),
      ),
    );
  const problems = [...switchProblems(value.switches ?? {}), ...contradictions(value)];
  if (problems.length > 0) throw new WorldFileError(problems);
  return value;
}

function unexpected(params: Readonly<Record<string, unknown>>): string {
  const name = params['additionalProperty'];
  return typeof name === 'string' ? `(${name})` : '';
}

/** What no schema can see: things named twice, or named and missing. */
function contradictions(file: WorldFile): string[] {
  const apps = file.apps ?? [];
  const workspaces = file.workspaces ?? [];
  const known = new Set(apps.map(({ id }) => id));
  return [
    ...repeated(apps.map(({ id }) => `app ${id}`)),
    ...repeated((file.clients ?? []).map(({ id }) => `client ${id}`)),
    ...repeated(workspaces.map(({ id }) => `workspace ${id}`)),
    ...apps
      .filter(({ environments = ['Production'] }) => !environments.includes('Production'))
      .map(({ id }) => `app ${id} lacks Production, which every app has`),
    ...workspaces.flatMap((workspace) => workspaceProblems(workspace, known)),
  ];
}

function workspaceProblems(
  { id, miniPrograms = [] }: WorkspaceEntry,
  apps: ReadonlySet<string>,
): string[] {
  return [
    ...repeated(miniPrograms.map((program) => `mini program ${id}/${program.id}`)),
    ...miniPrograms.flatMap((program) => programProblems(`${id}/${program.id}`, program, apps)),
  ];
}

function programProblems(key: string, program: ProgramEntry, apps: ReadonlySet<string>): string[] {
  const { versions = [], releases = [] } = program;
  const at = ({ version, app, environment }: ReleaseEntry) =>
    `release ${key}/${version}/${app}/${environment}`;
  return [
    ...repeated(versions.map((version) => `version ${key}/${version}`)),
    ...repeated(releases.map(at)),
    ...releases.flatMap((release) => [
      ...(apps.has(release.app) ? [] : [`${at(release)}: there is no app ${release.app}`]),
      ...(versions.includes(release.version) ? [] : [`${at(release)}: there is no such version`]),
    ]),
  ];
}

function repeated(names: readonly string[]): string[] {
  const groups = Map.groupBy(names, (name) => name);
  return [...groups].filter(([, all]) => all.length > 1).map(([name]) => `${name} is there twice`);
}

/** The world as YAML; loading it gives a world that answers the same. Remembered request ids are left out. */
export function dumpWorld(world: World): string {
  return stringify(dumpFile(world), { lineWidth: 0 });
}

function dumpFile(world: World): WorldFile {
  const switches = Object.entries(world.switches).filter(([name, value]) =>
    Object.entries(defaultSwitches).some(([n, v]) => n === name && v !== value),
  );
  return {
    platformId: world.platformId,
    counter: world.counter,
    ...(switches.length > 0 && { switches: Object.fromEntries(switches) }),
    apps: [...world.apps.values()].map(({ environments, ...app }) => ({
      ...app,
      environments: [...environments],
    })),
    clients: [...world.clients.values()].map(({ id, keys }) => ({
      id,
      ...(keys[0] && { publicKey: keys[0].publicKey, keyVersion: keys[0].version }),
    })),
    workspaces: [...world.workspaces.values()].map(({ id, admins }) => ({
      id,
      admins: [...admins],
      miniPrograms: programsOf(world, id).map((program) => dumpProgram(world, program)),
    })),
    approvals: world.approvals.toArray().map(({ seq: _, releaseSeq, ...approval }) => ({
      ...approval,
      release: idOf({ seq: releaseSeq, ...world.releases.get(releaseSeq) }),
    })),
  };
}

function programsOf(world: World, workspace: string): Program[] {
  return world.programOrder
    .toArray()
    .flatMap((key) => world.programs.get(key) ?? [])
    .filter((program) => program.workspace === workspace);
}

function dumpProgram(world: World, program: Program): ProgramEntry {
  const { workspace, admins, developers, versions, globalConfig, ...rest } = program;
  const releases = world.byProgram.get(`${workspace}/${program.id}`)?.toArray() ?? [];
  return {
    ...rest,
    ...{ admins: [...admins], developers: [...developers], versions: [...versions] },
    globalConfig: dumpConfig(globalConfig),
    releases: releases.flatMap((seq) => world.releases.get(seq) ?? []).map(dumpRelease),
  };
}

function dumpRelease(release: Release): ReleaseEntry {
  const { version, app, environment, status, seq, revision, changed, mark } = release;
  const { frozen, inherits, percentage } = release;
  const testQrCode = testQrCodeOf(release);
  return {
    ...{ version, app, environment, status, id: idOf(release), seq, revision, changed },
    ...(mark !== undefined && { mark }),
    ...(testQrCode !== undefined && { testQrCode }),
    ...(percentage !== undefined && { percentage }),
    config: dumpConfig(release.config),
    ...(frozen && { frozen: dumpConfig(frozen) }),
    ...(inherits && { inherits: dumpConfig(inherits) }),
  };
}

/** A copy that may be changed, as the schema's types have it, always in the same order. */
function dumpConfig(config: Config): ReleaseEntry['config'] & object {
  const { clientId, merchantId, serverDomains, wapUrls, testers, environmentVariables } = config;
  return {
    ...(clientId !== undefined && { clientId }),
    ...(merchantId !== undefined && { merchantId }),
    ...(serverDomains && { serverDomains: [...serverDomains] }),
    ...(wapUrls && { wapUrls: [...wapUrls] }),
    ...(testers && { testers: [...testers] }),
    ...(environmentVariables && {
      environmentVariables: environmentVariables.map((variable) => ({ ...variable })),
    }),
  };
}
