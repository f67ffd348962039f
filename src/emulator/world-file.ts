import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { stringify } from 'yaml';

import { readPublicKey } from '../protocol/keys.ts';

import type { Mistake } from './schema-words.ts';
import { readWorldDocument, type WorldDocument } from './world-document.ts';
import { createWorld, type CreateOptions } from './world/create.ts';
import { testQrCodeOf } from './world/records.ts';
import { idOf, type Config, type Program, type Release, type World } from './world/state.ts';
import { defaultSwitches, switchProblems } from './world/switches.ts';
import type {
  ProgramEntry,
  ReleaseEntry,
  WorkspaceEntry,
  WorldFile,
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
 * @param options.name  of the file, for what is told of mistakes
 * @throws WorldFileError with every problem found
 */
export function loadWorld(
  text: string,
  options: Omit<CreateOptions, 'file'> & {
    readonly directory?: string;
    readonly name?: string;
  } = {},
): World {
  const { directory = '.', name = 'world', ...create } = options;
  const { file, told } = checkedDocument(text, name);
  const clients = file.clients?.map(({ publicKeyFile, ...client }, index) => {
    if (publicKeyFile === undefined) return client;
    const key = readPublicKeyFile(resolve(directory, publicKeyFile));
    if ('publicKey' in key) return { ...client, ...key };
    throw new WorldFileError(told([{ path: ['clients', index, 'publicKeyFile'], ...key }]));
  });
  return createWorld({ ...create, file: clients ? { ...file, clients } : file });
}

function readPublicKeyFile(
  path: string,
): { readonly publicKey: string } | { readonly message: string } {
  try {
    const publicKey = readFileSync(path, 'utf8');
    readPublicKey(publicKey);
    return { publicKey };
  } catch (error) {
    const why = error instanceof RangeError ? error.message : 'it cannot be read';
    return { message: `publicKeyFile ${path}: ${why}` };
  }
}

function checkedDocument(text: string, name: string): WorldDocument {
  const document = readWorldDocument(text, name);
  if ('problems' in document) throw new WorldFileError(document.problems);
  const { file, told } = document;
  const switches = switchProblems(file.switches ?? {});
  const mistakes = [
    ...switches.map((message): Mistake => ({ path: ['switches'], message })),
    ...contradictions(file),
  ];
  if (mistakes.length > 0) throw new WorldFileError(told(mistakes));
  return document;
}

/** What no schema can see: things named twice, or named and missing. */
function contradictions(file: WorldFile): Mistake[] {
  const { apps = [], clients = [], workspaces = [] } = file;
  const known = new Set(apps.map(({ id }) => id));
  return [
    ...repeated(
      ['apps'],
      apps.map(({ id }) => `app ${id}`),
    ),
    ...repeated(
      ['clients'],
      clients.map(({ id }) => `client ${id}`),
    ),
    ...repeated(
      ['workspaces'],
      workspaces.map(({ id }) => `workspace ${id}`),
    ),
    ...apps.flatMap(({ id, environments = ['Production'] }, index) =>
      environments.includes('Production')
        ? []
        : [mistake(['apps', index], `app ${id} lacks Production, which every app has`)],
    ),
    ...workspaces.flatMap((workspace, index) =>
      workspaceProblems(['workspaces', index, 'miniPrograms'], workspace, known),
    ),
  ];
}

type Path = Mistake['path'];

function mistake(path: Path, message: string): Mistake {
  return { path, message };
}

function workspaceProblems(
  path: Path,
  { id, miniPrograms = [] }: WorkspaceEntry,
  apps: ReadonlySet<string>,
): Mistake[] {
  return [
    ...repeated(
      path,
      miniPrograms.map((program) => `mini program ${id}/${program.id}`),
    ),
    ...miniPrograms.flatMap((program, index) =>
      programProblems([...path, index], { ...program, id: `${id}/${program.id}` }, apps),
    ),
  ];
}

function programProblems(
  path: Path,
  { id, versions = [], releases = [] }: ProgramEntry,
  apps: ReadonlySet<string>,
): Mistake[] {
  const at = ({ version, app, environment }: ReleaseEntry) =>
    `release ${id}/${version}/${app}/${environment}`;
  return [
    ...repeated(
      [...path, 'versions'],
      versions.map((version) => `version ${id}/${version}`),
    ),
    ...repeated([...path, 'releases'], releases.map(at)),
    ...releases.flatMap((release, index) => {
      const place = [...path, 'releases', index];
      return [
        ...(apps.has(release.app)
          ? []
          : [mistake([...place, 'app'], `${at(release)}: there is no app ${release.app}`)]),
        ...(versions.includes(release.version)
          ? []
          : [mistake([...place, 'version'], `${at(release)}: there is no such version`)]),
      ];
    }),
  ];
}

function repeated(list: Path, names: readonly string[]): Mistake[] {
  const groups = Map.groupBy(names.keys(), (index) => names[index] ?? '');
  return [...groups].flatMap(([name, [, second]]) =>
    second === undefined ? [] : [mistake([...list, second], `${name} is there twice`)],
  );
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
