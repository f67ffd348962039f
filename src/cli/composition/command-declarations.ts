import { addAbortSignal } from 'node:stream';
import {
  parseRepositorySettings,
  type LocatedSettings,
} from '../../core/lint/repository-settings.ts';
import { plainFiles } from '../../core/resolve/trust.ts';
import type { Problem } from '../../core/words/problems.ts';
import type { Declarations } from '../../ports/index.ts';
import { createDirectory, readBeside } from '../../source/directory.ts';
import { CliError, exitCodes } from '../exit.ts';
import type { Session } from '../session.ts';
import { loadAdministrationIfAny, type Administration } from '../settings.ts';
import { systemClock } from '../system.ts';
import { declare, trustOf, type Declared } from './declarations.ts';

/** The file that says how strict lint is; looked for in the working directory. */
const repositoryFile = '.fairlead.yaml';

interface Wanted {
  /** The command needs no settings: a file that only the environment names, and that is gone, is a warning. */
  readonly isOffline?: boolean;
  readonly paths: readonly string[];
  readonly actAs: string | undefined;
}

/** What a command was given as PATH, resolved under the settings there are. */
export interface CommandDeclarations extends Declared {
  readonly administration: Administration | undefined;
}

/** Reads PATH under the settings, if there are any; only then grants and platform ids are known. */
export async function declareForCommand(
  session: Session,
  { paths, actAs, isOffline = false }: Wanted,
): Promise<CommandDeclarations> {
  const administration = await (isOffline
    ? loadIfThere(session)
    : loadAdministrationIfAny(session));
  refuseUnknownSource(actAs, administration);
  const declared = await declarePaths(session, { paths, actAs }, administration);
  warnOfNothing(session, declared, paths);
  return { ...declared, administration };
}

async function loadIfThere(session: Session): Promise<Administration | undefined> {
  try {
    return await loadAdministrationIfAny(session);
  } catch (error) {
    const isGone = error instanceof CliError && error.code === 'SettingsNotFound';
    if (!isGone || session.options.connections !== undefined) throw error;
    session.stderr.write(
      `fairlead: warning: ${error.message}, which FAIRLEAD_CONNECTIONS names; going on without\n`,
    );
    return undefined;
  }
}

/** A misspelt source would be bound by no grant at all. */
function refuseUnknownSource(
  actAs: string | undefined,
  administration: Administration | undefined,
): void {
  if (actAs === undefined || administration?.sources.some(({ name }) => name === actAs) === true)
    return;
  const names = administration?.sources.map(({ name }) => name).join(', ') ?? '';
  throw new CliError('SourceNotFound', `no GitSource is named ${actAs}`, {
    nextStep:
      names === '' ? 'the settings hold none; leave --as out' : `the settings have ${names}`,
  });
}

/** An empty PATH is allowed, and most often a mistake. */
function warnOfNothing(
  { stderr }: Session,
  { sources, problems }: Declared,
  paths: readonly string[],
): void {
  const isEmpty = sources.every(
    ({ documents, invalid }) => documents.length + invalid.length === 0,
  );
  if (isEmpty && problems.length === 0) {
    stderr.write(
      `fairlead: warning: nothing is declared in ${paths.join(', ')}: no document in any *.yaml or *.yml there\n`,
    );
  }
}

async function declarePaths(
  session: Session,
  { paths, actAs }: Wanted,
  administration: Administration | undefined,
): Promise<Declared> {
  const { settings, problems } = readRepositorySettings(process.cwd());
  return declare(
    {
      declarations: filesAt(session, { paths, actAs }),
      trust: trustOf(administration, actAs),
      repository: settings,
      repositoryProblems: problems,
      clock: systemClock,
    },
    session.signal,
  );
}

/** What PATH holds, as the source that the command speaks for. */
export function filesAt(
  session: Session,
  { paths, actAs }: Pick<Wanted, 'paths' | 'actAs'>,
): Declarations {
  return createDirectory({
    paths,
    source: actAs ?? plainFiles,
    cwd: process.cwd(),
    readInput: (maxBytes) => readInput(session, maxBytes),
  });
}

/**
 * The declarations must be valid: a command that would write does nothing otherwise.
 *
 * @throws CliError `DeclarationsInvalid`, exit 5, with every error
 */
export function refuseInvalid({ problems }: Declared): void {
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  throw new CliError('DeclarationsInvalid', 'the declarations are invalid', {
    exit: exitCodes.invalid,
    problems: errors,
    nextStep: 'correct them; nothing was read from or written to any platform',
  });
}

/** Repository-wide lint settings of a folder. The checkout may be a stranger's, so only a plain file is read. */
export function readRepositorySettings(directory: string): {
  readonly settings: LocatedSettings | undefined;
  readonly problems: readonly Problem[];
} {
  const file = readBeside(directory, repositoryFile);
  if (file === undefined) return { settings: undefined, problems: [] };
  if (file.kind === 'problem') return { settings: undefined, problems: [file.problem] };
  return parseRepositorySettings(repositoryFile, file.bytes);
}

async function readInput({ stdin, signal }: Session, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of addAbortSignal(signal, stdin)) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk as Uint8Array);
    chunks.push(bytes);
    length += bytes.length;
    if (length >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}
