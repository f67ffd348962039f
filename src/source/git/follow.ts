import { join } from 'node:path';
import type { GitSource } from '../../core/kinds/git-source.ts';
import type { ChangeId } from '../../core/model/plan.ts';
import type { EpochMs } from '../../core/words/time.ts';
import type { FollowedSource, Look, SourceCommit } from '../../ports/controller.ts';
import type { Clock } from '../../ports/index.ts';
import { refuseCredentials, withAccess, type Access, type GitCredentials } from './access.ts';
import { askRemote, wantedOf, type Found, type Wanted } from './ask.ts';
import { laterOf, readBase, type InForce, type Remembered } from './base.ts';
import { bring, sourceCommit, type Signatures } from './bring.ts';
import { commitInfo } from './commits.ts';
import {
  keepGivenCommit,
  readCompletedCommit,
  readGivenCommit,
  writeCompletedCommit,
  type CompletedCommit,
} from './completed.ts';
import { contentOf, readContent, readsOf, type Content } from './content.ts';
import { orUndefined } from './history.ts';
import { holds, keptRefs, mirrorName, mirrorsOf, type Mirror } from './mirror.ts';
import { makeParent, repairing } from './repairing.ts';
import type { Rewound } from './rewind.ts';
import type { Git } from './run.ts';
import type { SignerLists } from './signing/judge.ts';
import { verifySignatures } from './signatures.ts';
import { refusePolicy } from './signing/policy.ts';
import { rememberVerified } from './signing/verified.ts';
import { isOid, named, remoteUrl, tagPrefix, type Oid, type RemoteUrl } from './strings.ts';

export interface FollowOptions {
  /** The GitSource's name: the trust domain of what is read. */
  readonly name: string;
  readonly spec: GitSource['spec'];
  /** Where mirrors and completed commits are kept. */
  readonly stateDirectory: string;
  /** One for all sources of a process: those that share a mirror wait for each other in it. */
  readonly git: Git;
  readonly clock: Clock;
  /** For tests: file URLs, and http on this machine. */
  readonly allowFileUrls: boolean;
  /** Names the program that parses, so that a restart need not parse again; absent, nothing is kept. */
  readonly stamp?: string;
  /** Asked at each request to the remote; absent, there are none. Throws ReconcileError. */
  readonly credentials?: () => Promise<GitCredentials>;
  /** Who remembers what was completed beside the state directory, which may be a new one; then a base is read, too. */
  readonly remembered?: () => Remembered;
  /** Whoever named the remote is not trusted with what this process may do: see `Reaching`. */
  readonly isApart?: boolean;
  /** The keys of the signature policy as they are now; absent, there are none. Throws ReconcileError. */
  readonly signers?: () => Promise<SignerLists>;
  /** `caFile` of the spec as an absolute path. */
  readonly caFile?: string;
}

const defaultDeadlineSeconds = 60;

/**
 * Follows a ref of a Git repository. Nothing is asked yet.
 *
 * @throws ReconcileError `SettingsInvalid` at once, for a URL, ref, path or credential that is refused
 */
export function followGit(options: FollowOptions): FollowedSource {
  const { name, spec, git, stateDirectory, clock } = options;
  const { url, wanted, content } = named(name, () => checked(options));
  const deadlineMs = (spec.timeoutSeconds ?? defaultDeadlineSeconds) * 1000;
  const parent = mirrorsOf(stateDirectory);
  const directory = join(parent, mirrorName(url));
  // Who is not trusted might name ever more repositories: theirs share one room.
  const room = { directory: options.isApart ? parent : directory, maxBytes: git.mirrorBytes };
  const mirror: Mirror = { git, url, directory, deadlineMs, room };
  const kept = { stateDirectory, name, url, ref: wanted.shown };
  const reaching = {
    url,
    keyDirectory: parent,
    credentials: options.credentials ?? (async () => ({})),
    ...(options.caFile === undefined ? {} : { caFile: options.caFile }),
    ...(options.isApart ? { apart: { allowLoopback: options.allowFileUrls } } : {}),
  };
  const signatures = signaturesOf(options, mirror);
  const memory: Memory = { times: new Map() };

  async function bringAnew(
    found: Found,
    { access, allowed }: { readonly access: Access; readonly allowed: ReadonlySet<ChangeId> },
    signal: AbortSignal,
  ): Promise<Look> {
    const { completed, given } = await inForce();
    const job = {
      mirror,
      content,
      ref: wanted.shown,
      access,
      completed,
      given,
      allowed,
      signatures,
    };
    return git.alone(mirror.directory, async () => {
      const look = await repairing(mirror, () => bring(job, found, signal), signal);
      if (look.kind !== 'changed' || memory.given) return look;
      const base = await baseOf({ completed, head: found.commit, access }, signal);
      return { ...look, source: { ...look.source, ...base } };
    });
  }

  async function inForce(): Promise<InForce> {
    const completed = await readCompletedCommit(kept);
    const given = memory.given ?? (await readGivenCommit(kept));
    return laterOf({ completed, given }, options.remembered?.());
  }

  async function baseOf(
    { completed, head, access }: BaseAsked,
    signal: AbortSignal,
  ): Promise<Pick<SourceCommit, 'base'>> {
    const remembered = options.remembered?.();
    if (typeof remembered === 'object' && remembered.isReadOtherwise) return { base: 'lost' };
    if (!options.remembered || completed?.commit === head) return {};
    if (completed) {
      const from = { mirror, content, ...(access ? { access } : {}) };
      return { base: await readBase(from, completed.commit, signal) };
    }
    return remembered === 'other' ? { base: 'lost' } : {};
  }

  /** The same commit again is not handed on anew: what waits for an approval waits under the same id. */
  async function keepGiven(commit: Oid): Promise<void> {
    const before = await readGivenCommit(kept);
    const at = clock.wall();
    const given = { commit, committedAt: memory.times.get(commit) ?? at, at };
    memory.given = before?.commit === commit ? before : given;
    if (before?.commit !== commit) await keepGivenCommit(kept, given);
  }

  return {
    name,
    reads: readsOf(spec),
    url: spec.url,
    ref: wanted.shown,
    async look(allowed, signal) {
      await makeParent(parent);
      return withAccess(reaching, async (access) => {
        const call = { url, directory: parent, deadlineMs, access };
        const found = await askRemote(git, call, wanted, signal);
        const known = seenBefore(memory, found, allowed);
        if (known) return known;
        const look = await bringAnew(found, { access, allowed }, signal);
        remember(memory, look);
        if (look.kind === 'changed') await keepGiven(found.commit);
        return look;
      });
    },
    async restore(signal) {
      // What was acted on in part is newer than what was completed: an older state would take it back.
      const { given, completed } = await inForce();
      return git.alone(mirror.directory, async () => {
        for (const head of [given?.commit, completed?.commit]) {
          const found = head && (await orUndefined(signal, () => readKept(head)));
          if (found) return { ...found, ...(await baseOf({ completed, head }, signal)) };
        }
        return undefined;
      });

      async function readKept(id: Oid): Promise<SourceCommit | undefined> {
        const refs = await keptRefs(mirror, signal);
        if (!(await holds(mirror, { source: name, refs }, id, signal))) return undefined;
        const info = await commitInfo(mirror, id, signal);
        return sourceCommit(await readContent(mirror, content, info, signal), info, {});
      }
    },
    async completed(commit) {
      const committedAt = memory.times.get(commit);
      // Only what a look of this process brought can have been acted on.
      if (!isOid(commit) || committedAt === undefined) return;
      if ((await readCompletedCommit(kept))?.commit === commit) return;
      await writeCompletedCommit(kept, { commit, committedAt, at: clock.wall() });
    },
  };
}

interface BaseAsked {
  readonly completed: CompletedCommit | undefined;
  readonly head: Oid;
  readonly access?: Access;
}

/** @throws ReconcileError `SettingsInvalid` */
function checked({ name, spec, allowFileUrls, stamp }: FollowOptions): {
  readonly url: RemoteUrl;
  readonly wanted: Wanted;
  readonly content: Content;
} {
  const url = remoteUrl(spec.url, allowFileUrls);
  refuseCredentials(url, spec.credentials);
  refusePolicy(spec);
  return { url, wanted: wantedOf(spec.ref), content: contentOf(name, spec, stamp) };
}

/** What one process remembers of its looks. */
interface Memory {
  /** The commit of the last look that brought something: what is in force. */
  given?: CompletedCommit;
  rewound?: Rewound;
  /** Committer's time by commit, of the last few that were brought. */
  readonly times: Map<string, EpochMs>;
}

function seenBefore(
  { given, rewound }: Memory,
  { commit }: Found,
  allowed: ReadonlySet<ChangeId>,
): Look | undefined {
  if (commit === given?.commit) return { kind: 'unchanged' };
  return rewound?.to === commit && !allowed.has(rewound.changeId) ? rewound : undefined;
}

const mostTimes = 16;

function remember(memory: Memory, look: Look): void {
  if (look.kind === 'rewound') memory.rewound = look;
  if (look.kind !== 'changed') return;
  delete memory.rewound;
  const { id, at } = look.source.commit;
  if (at !== undefined) memory.times.set(id, at);
  const [oldest] = memory.times.keys();
  if (memory.times.size > mostTimes && oldest !== undefined) memory.times.delete(oldest);
}

function signaturesOf(
  { spec, git, clock, signers }: FollowOptions,
  { directory, deadlineMs }: Mirror,
): Signatures | undefined {
  if (!spec.signatures) return undefined;
  const { verify, since } = spec.signatures;
  const range = since !== undefined && isOid(since) ? { since } : {};
  const verifiedUnder = rememberVerified();
  return {
    tag: verify === 'tag',
    since: range.since,
    verify: async ({ tagObject, name, ...ends }, signal) => {
      const policy = { verify, ...range, ...(await signers?.()) };
      const tag = {
        ...(tagObject === undefined ? {} : { tagObject }),
        ...(name.startsWith(tagPrefix) ? { tagName: name.slice(tagPrefix.length) } : {}),
      };
      const verified = verifiedUnder(policy);
      const frame = { git, directory, deadlineMs, verified, now: clock.wall() };
      await verifySignatures({ ...frame, ...ends, ...tag, policy }, signal);
    },
  };
}
