import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { GitSource } from '../../core/kinds/git-source.ts';
import type { KeyFrom } from '../../core/kinds/platform-connection.ts';
import type { SourceDocuments } from '../../core/model/documents.ts';
import type { ChangeId } from '../../core/model/plan.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import { SecretText } from '../../core/words/secret-text.ts';
import type { FollowedSource, Look, SourceCommit } from '../../ports/controller.ts';
import { readValue, type ValueSources } from '../../secrets/value.ts';
import type { GitCredentials } from '../../source/git/access.ts';
import { followGit, type FollowOptions } from '../../source/git/follow.ts';
import { pruneMirrors } from '../../source/git/prune.ts';
import { prunePullRepositories } from '../../source/git/pull-repository.ts';
import type { Git } from '../../source/git/run.ts';
import type { Administration, NamedSource } from '../settings.ts';
import type { Session } from '../session.ts';
import { systemClock } from '../system.ts';
import { toolVersion } from '../version.ts';
import { gitFor } from './git.ts';

/**
 * The Git sources of the settings, each followed. Nothing is asked yet.
 *
 * @param git  one for the whole process: sources of one URL wait for each other in it, also across a reload
 * @throws ReconcileError `SettingsInvalid` for a source that can never work
 */
export function followedSources(
  session: Session,
  administration: Administration,
  stateDirectory: string,
  git: Git = gitOf(session, administration),
): readonly FollowedSource[] {
  return administration.sources.map((source) =>
    followGit(optionsOf(source, { session, administration, stateDirectory, git })),
  );
}

/**
 * Removes from the state directory what no source of the settings uses any more, and keys that a crash left; for the start,
 * under the lock of the state directory: without it the keys may be in use.
 */
export async function pruneSources(
  session: Session,
  { sources, settings }: Administration,
  stateDirectory: string,
  git: Git = gitFor(session, settings.allowFileUrls ?? false),
): Promise<void> {
  const allowFileUrls = settings.allowFileUrls ?? false;
  await pruneMirrors({ git, stateDirectory, allowFileUrls, sources }, session.signal);
  await prunePullRepositories(
    stateDirectory,
    sources.flatMap(({ name, spec }) =>
      spec.review ? [{ source: name, url: spec.url, allowFileUrls }] : [],
    ),
  );
}

/** Git as these settings let it be used. */
export function gitOf(session: Session, { settings }: Administration): Git {
  return gitFor(session, settings.allowFileUrls ?? false, settings.mirrorMebibytes);
}

interface Joining {
  readonly session: Session;
  readonly administration: Administration;
  readonly stateDirectory: string;
  readonly git: Git;
}

function optionsOf(
  { name, spec }: NamedSource,
  { session, administration, stateDirectory, git }: Joining,
): FollowOptions {
  const directory = dirname(resolve(administration.file));
  const values: ValueSources = { env: session.environment.variables, directory };
  const { caFile, signatures } = spec;
  return {
    ...{ name, spec, stateDirectory, git, clock: systemClock, stamp: buildStamp() },
    allowFileUrls: administration.settings.allowFileUrls ?? false,
    credentials: () => credentialsOf(spec.credentials, values),
    ...(caFile === undefined ? {} : { caFile: administration.path(caFile) }),
    ...(signatures === undefined ? {} : { signers: () => signersOf(signatures, values) }),
  };
}

/** Credentials of a GitSource as they are now. @throws ReconcileError */
export async function credentialsOf(
  given: GitSource['spec']['credentials'] = {},
  values: ValueSources,
): Promise<GitCredentials> {
  const { username } = given;
  const [token, password, sshKey, knownHosts] = await Promise.all(
    [given.token, given.password, given.sshKey, given.knownHosts].map((from) =>
      textOf(from, values),
    ),
  );
  return {
    ...(token === undefined ? {} : { token: new SecretText(token) }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: new SecretText(password) }),
    ...(sshKey === undefined ? {} : { sshKey: new SecretText(sshKey) }),
    ...(knownHosts === undefined ? {} : { knownHosts }),
  };
}

async function signersOf(
  { gpgKeys, allowedSigners }: NonNullable<GitSource['spec']['signatures']>,
  values: ValueSources,
) {
  const [gpg, ssh] = await Promise.all([textOf(gpgKeys, values), textOf(allowedSigners, values)]);
  return {
    ...(gpg === undefined ? {} : { gpgKeys: gpg }),
    ...(ssh === undefined ? {} : { allowedSigners: ssh }),
  };
}

async function textOf(
  from: KeyFrom | undefined,
  values: ValueSources,
): Promise<string | undefined> {
  if (from === undefined) return undefined;
  const { env, file } = from;
  return readValue(
    { ...(env === undefined ? {} : { env }), ...(file === undefined ? {} : { file }) },
    values,
  );
}

/** What one look at all sources brought. */
export interface LookedAt {
  readonly documents: readonly SourceDocuments[];
  /** By source, what is in force; absent where nothing is. */
  readonly commits: ReadonlyMap<string, SourceCommit>;
  /** Approvals that let a ref move backwards. */
  readonly used: ReadonlySet<ChangeId>;
  /** To be called when every program of the source was acted on. */
  completed(source: string): Promise<void>;
}

/**
 * Looks at every Git source of the settings once. A source that cannot be read, or whose ref moved backwards, is empty,
 * incomplete, and says why: it changes nothing, and the others go on.
 *
 * @param allowed  approvals; one of them may let a ref move backwards
 */
export async function lookAtSources(
  session: Session,
  administration: Administration,
  stateDirectory: string,
  allowed: ReadonlySet<ChangeId>,
): Promise<LookedAt> {
  const joining = {
    ...{ session, administration, stateDirectory },
    git: gitOf(session, administration),
  };
  const looks = await Promise.all(
    administration.sources.map((source) => lookAt(source, joining, allowed)),
  );
  const brought = looks.flatMap(({ followed, source }) =>
    followed && source ? [[followed.name, { followed, source }] as const] : [],
  );
  const byName = new Map(brought);
  return {
    documents: looks.map(({ documents }) => documents),
    commits: new Map(brought.map(([name, { source }]) => [name, source])),
    used: new Set(looks.flatMap(({ used }) => used ?? [])),
    async completed(name) {
      const found = byName.get(name);
      await found?.followed.completed(found.source.commit.id);
    },
  };
}

interface OneLook {
  readonly documents: SourceDocuments;
  readonly followed?: FollowedSource;
  readonly source?: SourceCommit;
  readonly used?: ChangeId;
}

async function lookAt(
  source: NamedSource,
  joining: Joining,
  allowed: ReadonlySet<ChangeId>,
): Promise<OneLook> {
  try {
    const followed = followGit(optionsOf(source, joining));
    const { signal } = joining.session;
    const first = await followed.look(new Set(), signal);
    const used =
      first.kind === 'rewound' && allowed.has(first.changeId) ? first.changeId : undefined;
    const look = used === undefined ? first : await followed.look(allowed, signal);
    if (look.kind !== 'changed') return { documents: unread(source.name, refusalOf(look)) };
    const { source: found } = look;
    return { documents: found.documents, followed, source: found, ...(used ? { used } : {}) };
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    return { documents: unread(source.name, error) };
  }
}

/** The first look of a process is never `unchanged`. */
function refusalOf(look: Exclude<Look, { kind: 'changed' }>): ReconcileError {
  if (look.kind === 'unchanged') return new ReconcileError('InternalError', 'nothing was read');
  return new ReconcileError('SourceRewound', look.message, {
    nextStep: `give --allow ${look.changeId} if this is meant, or push a newer commit`,
  });
}

/** Names this build: what another one has parsed is parsed again. */
function buildStamp(): string {
  const { size, mtimeMs } = statSync(import.meta.filename);
  return `${toolVersion} ${String(size)} ${String(mtimeMs)}`;
}

function unread(source: string, { message, nextStep, code }: ReconcileError): SourceDocuments {
  return {
    source,
    documents: [],
    invalid: [],
    complete: false,
    problems: [
      {
        rule: 'source-unavailable',
        severity: 'error',
        message: `source ${source} could not be read (${code}): ${message}`,
        ...(nextStep === undefined ? {} : { nextStep }),
      },
    ],
  };
}
