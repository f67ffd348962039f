import { join } from 'node:path';
import type { GitSource } from '../../core/kinds/git-source.ts';
import type { SourceDocuments } from '../../core/model/documents.ts';
import type { KeyFrom } from '../../core/kinds/platform-connection.ts';
import { parseMoment } from '../../core/resolve/moment.ts';
import { recordOf } from '../../core/status/before.ts';
import { validate } from '../../core/validate/validate.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { SecretText } from '../../core/words/secret-text.ts';
import { reveal } from '../../core/words/secret-text.ts';
import type { EpochMs } from '../../core/words/time.ts';
import type { ClusterObject, ObjectRef, SecretReader } from '../../ports/cluster.ts';
import type { FollowedSource, SourceCommit } from '../../ports/controller.ts';
import type { FollowedNow } from '../../reconcile/loop.ts';
import { everyInterval } from '../../reconcile/schedule.ts';
import type { GitCredentials } from '../../source/git/access.ts';
import type { Remembered } from '../../source/git/base.ts';
import { followGit } from '../../source/git/follow.ts';
import type { Git } from '../../source/git/run.ts';
import { hostOf, isOid, remoteUrl } from '../../source/git/strings.ts';
import { systemClock, systemRandom } from '../system.ts';
import { sourceName } from './feed.ts';
import { documentOf } from './objects.ts';
import { readSecret, type SecretPlace, type SecretUse } from './secrets.ts';

export interface GitSourceOptions {
  readonly secrets: SecretReader;
  readonly git: Git;
  /** Mirrors of each namespace lie apart: nobody reads what another one's credentials brought. */
  readonly stateDirectory: string;
  /** For tests: file URLs, and http on this machine. */
  readonly allowFileUrls: boolean;
  readonly stamp: string;
  readonly signal: AbortSignal;
  /** The object as it is now. */
  readonly current: (ref: ObjectRef) => ClusterObject | undefined;
}

const defaultSeconds = 60;

/** The repository of a GitSource object. One that can never work says so at each look. */
export function followObject(object: ClusterObject, options: GitSourceOptions): FollowedNow {
  const { createdAt } = object;
  const validated = validate('GitSource', documentOf(object));
  if (!validated.valid) {
    const [{ message, nextStep }] = validated.findings;
    return refused(object, new ReconcileError('SettingsInvalid', message, { nextStep }));
  }
  const { spec } = validated.value;
  try {
    refuseOurFiles(spec);
    const source = aged(open(object, spec, options), createdAt);
    const expires = spec.credentials?.expiresAt;
    const credentialExpiresAt = expires === undefined ? undefined : parseMoment(expires);
    return {
      source,
      look: everyInterval((spec.intervalSeconds ?? defaultSeconds) * 1000, systemRandom),
      ...(credentialExpiresAt === undefined ? {} : { credentialExpiresAt }),
    };
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    return refused(object, error);
  }
}

function refused(object: ClusterObject, error: ReconcileError): FollowedNow {
  const source: FollowedSource = {
    ...{ name: sourceName(object), url: '', ref: '' },
    look: () => Promise.reject(error),
    restore: () => Promise.resolve(undefined),
    completed: () => Promise.resolve(),
  };
  return { source, look: everyInterval(defaultSeconds * 1000, systemRandom) };
}

/** Files and variables are the controller's, and nobody in a namespace may name them. */
function refuseOurFiles({ credentials, signatures, caFile }: Spec): void {
  const named = Object.values({ ...credentials, ...signatures }).some(
    (from) => typeof from === 'object' && ('file' in from || 'env' in from),
  );
  if (!named && caFile === undefined) return;
  throw new ReconcileError(
    'SettingsInvalid',
    'a GitSource object cannot name files or variables of the controller',
    { nextStep: 'put the value into a Secret of the namespace and name it with secretKeyRef' },
  );
}

/** The folder in which each namespace has one. */
export function mirrorsBelow(stateDirectory: string): string {
  return join(stateDirectory, 'namespaces');
}

type Spec = GitSource['spec'];

function open(object: ClusterObject, spec: Spec, options: GitSourceOptions): FollowedSource {
  const { git, stateDirectory, allowFileUrls, stamp } = options;
  const { namespace = '' } = object;
  const { signatures } = spec;
  const status = () => recordOf((options.current(object) ?? object).status);
  const source = followGit({
    ...{ name: sourceName(object), spec, git, allowFileUrls, stamp, clock: systemClock },
    stateDirectory: join(mirrorsBelow(stateDirectory), namespace),
    credentials: () => credentialsOf(spec, namespace, options),
    isApart: true,
    remembered: () => rememberedIn(status(), source),
    ...(signatures ? { signers: () => signersOf(signatures, namespace, options) } : {}),
  });
  return {
    ...source,
    completedAnywhere: () => {
      const known = rememberedIn(status(), source);
      return typeof known === 'object' && !known.isReadOtherwise ? known.commit : undefined;
    },
  };
}

/** What the status says was completed: it outlives every process and every disk. */
function rememberedIn(
  status: Readonly<Record<string, unknown>>,
  source: Pick<FollowedSource, 'url' | 'ref' | 'reads'>,
): Remembered {
  const known = recordOf(status['completed']);
  const commit = known['id'];
  const at = momentOf(known['at']);
  if (typeof commit !== 'string' || !isOid(commit) || at === undefined) return undefined;
  if (!isOfSame(known, source)) return 'other';
  // It was committed before it was completed: where the time is not known, that is the latest it can be.
  const committedAt = momentOf(known['committedAt']) ?? at;
  const isReadOtherwise = (known['reads'] ?? '') !== (source.reads ?? '');
  return { commit, at, committedAt, isReadOtherwise };
}

function isOfSame(
  known: Readonly<Record<string, unknown>>,
  { url, ref }: Pick<FollowedSource, 'url' | 'ref'>,
): boolean {
  return (known['url'] ?? url) === url && (known['ref'] ?? ref) === ref;
}

function momentOf(text: unknown): EpochMs | undefined {
  return typeof text === 'string' ? parseMoment(text) : undefined;
}

async function credentialsOf(
  { url, credentials = {} }: Spec,
  namespace: string,
  options: GitSourceOptions,
): Promise<GitCredentials> {
  const { username } = credentials;
  const sentTo = hostOf(remoteUrl(url, options.allowFileUrls));
  const sent = { kind: 'git', ...(sentTo === undefined ? {} : { sentTo }) } as const;
  const read = (from: KeyFrom | undefined, use: SecretUse) =>
    secretOf(from, { namespace, use }, options);
  const [token, password, sshKey, knownHosts] = await Promise.all([
    ...[credentials.token, credentials.password, credentials.sshKey].map((from) =>
      read(from, sent),
    ),
    read(credentials.knownHosts, { kind: 'git' }),
  ]);
  return {
    ...(token ? { token } : {}),
    ...(username === undefined ? {} : { username }),
    ...(password ? { password } : {}),
    ...(sshKey ? { sshKey } : {}),
    ...(knownHosts ? { knownHosts: reveal(knownHosts) } : {}),
  };
}

async function signersOf(
  { gpgKeys, allowedSigners }: NonNullable<Spec['signatures']>,
  namespace: string,
  options: GitSourceOptions,
) {
  const place = { namespace, use: { kind: 'git' } } as const;
  const gpg = await secretOf(gpgKeys, place, options);
  const ssh = await secretOf(allowedSigners, place, options);
  return {
    ...(gpg ? { gpgKeys: reveal(gpg) } : {}),
    ...(ssh ? { allowedSigners: reveal(ssh) } : {}),
  };
}

async function secretOf(
  from: KeyFrom | undefined,
  place: Omit<SecretPlace, 'ref'>,
  { secrets, signal }: GitSourceOptions,
): Promise<SecretText | undefined> {
  const ref = from?.secretKeyRef;
  return ref && readSecret(secrets, { ...place, ref }, signal);
}

/** Between two claimants the older one counts: of what a repository declares, the age of its object. */
function aged(source: FollowedSource, createdAt: EpochMs): FollowedSource {
  const ageAll = (all: SourceDocuments): SourceDocuments => ({
    ...all,
    documents: all.documents.map((document) => ({ ...document, createdAt })),
    invalid: all.invalid.map((document) => ({ ...document, createdAt })),
  });
  const age = (commit: SourceCommit): SourceCommit => ({
    ...commit,
    documents: ageAll(commit.documents),
    ...(typeof commit.base === 'object' ? { base: ageAll(commit.base) } : {}),
  });
  return {
    ...source,
    async look(allowed, signal) {
      const look = await source.look(allowed, signal);
      return look.kind === 'changed' ? { ...look, source: age(look.source) } : look;
    },
    async restore(signal) {
      const kept = await source.restore(signal);
      return kept && age(kept);
    },
  };
}
