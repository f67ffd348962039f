import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Document } from '../core/model/documents.ts';
import type { PlatformConnection, Settings } from '../core/kinds/index.ts';
import type { GitSource } from '../core/kinds/git-source.ts';
import type { Problem } from '../core/words/problems.ts';
import { parseFile } from '../core/yaml/parse.ts';
import { CliError, exitCodes } from './exit.ts';
import type { Session } from './session.ts';
import { scheduleProblems, settingsProblems } from './settings-checks.ts';

/** What the administrator configured, read once and frozen. */
export interface Administration {
  readonly file: string;
  readonly connections: readonly NamedConnection[];
  readonly sources: readonly NamedSource[];
  readonly settings: Settings['spec'];
  /** Resolves a path written in the settings file. */
  readonly path: (relative: string) => string;
}

export interface NamedConnection {
  readonly name: string;
  readonly spec: PlatformConnection['spec'];
}

export interface NamedSource {
  readonly name: string;
  readonly spec: GitSource['spec'];
}

/** The settings file this run would use, and whether somebody named it. */
export function connectionsFile({ options, environment }: Session): {
  readonly file: string;
  readonly named: boolean;
} {
  const named = options.connections ?? environment.connectionsFile;
  return named === undefined
    ? { file: environment.defaultConnectionsFile, named: false }
    : { file: resolve(named), named: true };
}

/** Reads the settings file this run would use, or another. @throws as `readAdministration` */
export async function loadAdministration(
  session: Session,
  file = connectionsFile(session).file,
): Promise<Administration> {
  return readAdministration(file);
}

/**
 * Reads the administrator's settings.
 *
 * @throws CliError `SettingsInvalid` with every problem, `SettingsNotFound` with what to do
 */
export async function readAdministration(file: string): Promise<Administration> {
  const bytes = await readSettings(file);
  const { documents, problems } = parseFile({ source: 'settings', file, bytes }, 'settings');
  const base = dirname(resolve(file));
  const administration: Administration = {
    file,
    connections: documents
      .filter(isConnection)
      .map(({ name, value }) => ({ name, spec: value.spec })),
    sources: documents.filter(isSource).map(({ name, value }) => ({ name, spec: value.spec })),
    settings: documents.find(isSettings)?.value.spec ?? {},
    path: (relative) => (isAbsolute(relative) ? relative : join(base, relative)),
  };
  const found = [...settingsProblems(documents), ...(await scheduleProblems(documents))];
  const errors: Problem[] = [...problems, ...found].filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    throw new CliError('SettingsInvalid', `the settings in ${file} are invalid`, {
      exit: exitCodes.error,
      problems: errors,
      nextStep: 'correct them; nothing was read from any platform',
    });
  }
  return Object.freeze(administration);
}

/** The settings, or undefined where nobody named any and the default file does not exist. */
export async function loadAdministrationIfAny(
  session: Session,
): Promise<Administration | undefined> {
  const { file, named } = connectionsFile(session);
  try {
    return await loadAdministration(session, file);
  } catch (error) {
    if (!named && error instanceof CliError && error.code === 'SettingsNotFound') return undefined;
    throw error;
  }
}

async function readSettings(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new CliError(
      'SettingsNotFound',
      missing ? `no settings at ${file}` : `the settings at ${file} cannot be read`,
      {
        cause: error,
        nextStep:
          'name a file of PlatformConnections with --connections FILE (of `fairlead run`: --config FILE) or FAIRLEAD_CONNECTIONS; `fairlead emulator --connection-out FILE` writes one to play with',
      },
    );
  }
}

function isConnection(document: {
  readonly kind: string;
}): document is Document<'PlatformConnection'> {
  return document.kind === 'PlatformConnection';
}

function isSource(document: { readonly kind: string }): document is Document<'GitSource'> {
  return document.kind === 'GitSource';
}

function isSettings(document: { readonly kind: string }): document is Document<'Settings'> {
  return document.kind === 'Settings';
}
