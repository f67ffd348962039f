import { ReconcileError } from '../../core/words/errors.ts';
import type { EpochMs } from '../../core/words/time.ts';
import { openJudge, type Judge, type SignerLists } from './signing/judge.ts';
import { parseCommit, parseTag, type SignedCommit, type SignedTag } from './signing/object.ts';
import { readObjects } from './signing/objects.ts';
import { commitRange, type CommitRange } from './signing/range.ts';
import { inWorkshop } from './signing/workshop.ts';
import type { Verified } from './signing/verified.ts';
import { refusals, refused, type Refusal } from './signing/verdicts.ts';
import type { Git } from './run.ts';
import { quoted, type Oid } from './strings.ts';

/** What must be signed, and by whom. */
export interface SignatureDemand extends SignerLists {
  readonly verify: 'commits' | 'tag';
  /** The commit after which everything must be signed, where none was completed yet. */
  readonly since?: string;
}

export interface VerifyOptions {
  readonly git: Git;
  /** The mirror, with the whole history of what is to be verified. */
  readonly directory: string;
  readonly policy: SignatureDemand;
  readonly head: Oid;
  /** The last completed commit. */
  readonly base: Oid | undefined;
  /** verify tag: the object the ref names, not the commit behind it. */
  readonly tagObject?: Oid;
  /** verify tag: the name behind `refs/tags/`; a signed tag under another name would bring back what it was made for. */
  readonly tagName?: string;
  /**
   * Fetches more history, for a mirror that holds too little of it to tell.
   *
   * @returns false when there is no more
   */
  readonly fetchMore?: (signal: AbortSignal) => Promise<boolean>;
  /** Commits that need no second judgement; those found good are added. */
  readonly verified?: Verified;
  /** Of the whole verification. */
  readonly deadlineMs: number;
  readonly now: EpochMs;
}

/**
 * Verifies what the policy demands, and throws unless all of it is provably signed by a key that was given.
 *
 * Nothing of the repository's or the machine's settings has a part in it: gpg runs in a folder of its own with these
 * keys alone, ssh-keygen with these signers alone, and both without network and without an agent.
 *
 * @throws ReconcileError `SourceRefused` names the first commit, oldest first, or the tag that is not signed as demanded;
 *   `SettingsInvalid` for keys that cannot be read; `SourceUnavailable` where a tool or a part of the history is missing,
 *   or the deadline has passed; the signal's reason
 * @see docs/guides/signatures.md
 */
export async function verifySignatures(options: VerifyOptions, signal: AbortSignal): Promise<void> {
  await options.git.tools.within(options.deadlineMs, signal, (inner) =>
    options.policy.verify === 'tag' ? verifyTag(options, inner) : verifyCommits(options, inner),
  );
}

async function verifyCommits(options: VerifyOptions, signal: AbortSignal): Promise<void> {
  for (;;) {
    const failure = await verifyHeld(options, signal);
    if (!failure) return;
    if (!(await options.fetchMore?.(signal))) throw failure;
  }
}

/** @returns what is wrong unless more history mends it: a start that is not held, or parents that are not */
async function verifyHeld(
  options: VerifyOptions,
  signal: AbortSignal,
): Promise<ReconcileError | undefined> {
  const range = await commitRange({ ...options, since: options.policy.since }, signal);
  if (range instanceof ReconcileError) return range;
  if (range.commits.length === 0) return undefined;
  return withJudge(options, signal, async (judge) => {
    const times = await timesBefore(options, range, signal);
    for (let start = 0; start < range.commits.length; start += batchSize) {
      const ids = range.commits.slice(start, start + batchSize);
      const missing = await verifyBatch(options, { ids, range, times, judge }, signal);
      if (missing !== undefined) return incomplete(missing, options);
    }
    return undefined;
  });
}

/** Commits judged together: one run of gpg, and little memory. */
const batchSize = 500;

interface Batch {
  readonly ids: readonly Oid[];
  readonly range: CommitRange;
  /** When each commit can have been made at the earliest, in seconds; filled oldest first. */
  readonly times: Map<string, number>;
  readonly judge: Judge;
}

/** The commits before the range give its times something to stand on. */
async function timesBefore(
  options: VerifyOptions,
  { before }: CommitRange,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const objects = await readObjects(options, before, signal);
  return new Map(
    objects.map(({ id, raw }) => [id, parseCommit(raw, hashOf(id))?.committedAt ?? 0] as const),
  );
}

async function verifyBatch(
  options: VerifyOptions,
  { ids, range, times, judge }: Batch,
  signal: AbortSignal,
): Promise<Oid | undefined> {
  const nowSeconds = Math.floor(options.now / 1000);
  const commits = (await readObjects(options, ids, signal)).map(({ id, type, raw }) => {
    const commit = type === 'commit' ? parseCommit(raw, hashOf(id)) : undefined;
    if (!commit) throw refusal(nameOf(id, ''), 'Malformed');
    return { id, commit, within: timesOf({ id, commit, times, nowSeconds }) };
  });
  // Asked of the commits as they are stored: where history was cut, git itself denies that there are parents.
  const cut = commits.find(({ commit }) => !commit.parents.every((id) => range.known.has(id)));
  if (cut) return cut.id;
  const due = commits.filter(({ id }) => options.verified?.has(id) !== true);
  const verdicts = await judge(
    due.map(({ commit: { signature, payload }, within }) => ({ signature, payload, within })),
    signal,
  );
  verdicts.forEach((verdict, index) => {
    const found = due[index];
    if (verdict.kind === 'refused' && found) {
      const name = nameOf(found.id, found.commit.author);
      throw refusal(name, verdict.why, isWithoutStart(options) ? startFirst : '');
    }
  });
  for (const { id } of due) options.verified?.add(id);
  return undefined;
}

/**
 * A commit is not older than its parents and not younger than now, whatever it says of itself: a key that has run out
 * cannot sign for the past, nor one that is not valid yet for the future.
 */
function timesOf({
  id,
  commit,
  times,
  nowSeconds,
}: {
  readonly id: string;
  readonly commit: SignedCommit;
  readonly times: Map<string, number>;
  readonly nowSeconds: number;
}): readonly [number, number] {
  const said = Math.min(commit.committedAt, nowSeconds);
  const parents = commit.parents.map((parent) => times.get(parent) ?? 0);
  const latest = Math.min(Math.max(said, ...parents), nowSeconds);
  times.set(id, latest);
  return [said, latest];
}

async function verifyTag(options: VerifyOptions, signal: AbortSignal): Promise<void> {
  const { tagObject, tagName } = options;
  if (tagObject === undefined || tagName === undefined) throw refusal('the ref', 'NoTag');
  const [found] = await readObjects(options, [tagObject], signal);
  const name = `tag ${quoted(tagName)}`;
  const tag = found?.type === 'tag' ? parseTag(found.raw) : undefined;
  if (!tag) throw refusal(name, 'LightweightTag');
  const trouble = troubleOf(tag, options);
  if (trouble) throw refusal(name, trouble);
  const seconds = Math.floor(options.now / 1000);
  const [verdict = refused('Unsigned')] = await withJudge(options, signal, (judge) =>
    judge([{ ...tag, within: [seconds, seconds] }], signal),
  );
  if (verdict.kind === 'refused') throw refusal(`${name}${by(tag.tagger)}`, verdict.why);
}

function troubleOf(tag: SignedTag, { head, tagName }: VerifyOptions): Refusal | undefined {
  if (tag.object !== head || tag.type !== 'commit') return 'OtherTarget';
  return tag.name === tagName ? undefined : 'OtherName';
}

/** Opens the keys, works, and leaves nothing behind. */
function withJudge<T>(
  { git, directory: mirror, policy, now }: VerifyOptions,
  signal: AbortSignal,
  work: (judge: Judge) => Promise<T>,
): Promise<T> {
  return inWorkshop(mirror, now, async (directory) =>
    work(await openJudge({ tools: git.tools, directory }, policy, signal)),
  );
}

function hashOf(id: string): 'sha1' | 'sha256' {
  return id.length === 64 ? 'sha256' : 'sha1';
}

function nameOf(id: string, author: string): string {
  return `commit ${id.slice(0, 12)}${by(author)}`;
}

function by(person: string): string {
  return person === '' ? '' : ` by ${quoted(person.replace(unshown, '\uFFFD'))}`;
}

/** What could forge or hide text. */
// eslint-disable-next-line no-control-regex -- control characters are what is meant
const unshown = /[\0-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** @param first  goes before the next step */
function refusal(name: string, why: Refusal, first = ''): ReconcileError {
  const { what, nextStep } = refusals[why];
  return new ReconcileError('SourceRefused', `${name} is refused: ${what}`, {
    nextStep: `${first}${nextStep}`,
  });
}

/** Then the whole history is judged, most of it older than the policy: a start is what is most often missing. */
function isWithoutStart({ base, policy }: VerifyOptions): boolean {
  return base === undefined && policy.since === undefined;
}

const start =
  'name in signatures.since the commit after which everything is signed, by its whole id of 40 or 64 hexadecimal digits';
const startFirst = `${start}; or `;

/** Without a start everything would have to be signed, and the whole history to be there. */
function incomplete(id: Oid, options: VerifyOptions): ReconcileError {
  const what = `the history before commit ${id.slice(0, 12)} is missing, so its signatures cannot be verified`;
  if (isWithoutStart(options))
    return new ReconcileError('SourceRefused', what, { nextStep: start });
  return new ReconcileError('SourceUnavailable', what, {
    nextStep: 'see that the server lets older history be fetched',
  });
}
