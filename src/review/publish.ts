import { ReconcileError } from '../core/words/errors.ts';
import type { CommitStatus, Forge, OwnComment, PullRequest } from '../ports/forge.ts';
import {
  contextOf,
  decidePublication,
  type Decision,
  markedComment,
  moved,
  planContext,
  type Publication,
  type Standing,
  statusWrites,
} from './publish-decision.ts';
import { markerPrefix } from './publish-marker.ts';

/** What publishing may hold: a forge, and somewhere to say what it did. */
export interface PublishPorts {
  readonly forge: Forge;
  /** For the job's log: one line in our own words. */
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
  /** Milliseconds that a comment may wait inside the forge before the pull request is looked at again; for tests. */
  readonly patienceMs?: number;
}

const patienceMs = 20_000;
/** Waits for a rate limit are long; after these it is better to run the job again. */
const mostTries = 6;

/** A pull request as it was when its review began. */
export interface Subject {
  readonly pull: PullRequest;
  /** Of the comment; see `isCommentName`. */
  readonly name: string;
  /** Of the head, when the review began. */
  readonly statuses: readonly CommitStatus[];
}

/** Something that could not be written, while the rest was. */
export interface Unwritten {
  readonly what: 'comment' | 'statuses' | 'annotations' | 'sarif';
  readonly error: ReconcileError;
}

export interface Published {
  /** `superseded`: the pull request moved on meanwhile, and nothing more was written. */
  readonly comment: Decision['comment'] | 'superseded' | 'failed';
  /** Those that were written; the others stood there already. */
  readonly statuses: readonly CommitStatus[];
  readonly annotations: 'written' | 'unchanged' | 'failed';
  readonly sarif: 'uploaded' | 'unsupported' | 'unchanged' | 'failed';
  readonly unwritten: readonly Unwritten[];
}

/**
 * Says on the pull request what the review says: remarks at lines, then the comment, then statuses, each only where it
 * differs from what stands there.
 *
 * The pull request is read again before each of these: a verdict for another commit than its head is never written.
 * What one of them cannot do stops none of the others.
 *
 * @throws ReconcileError of reading; the signal's reason
 */
export async function publish(
  ports: PublishPorts,
  subject: Subject,
  publication: Publication,
): Promise<Published> {
  const { forge, signal } = ports;
  const { pull, name, statuses } = subject;
  const own = await forge.ownComment(pull.number, markerPrefix(name), signal);
  const standing: Standing = { own, statuses };
  const decision = decidePublication(subject, publication, standing);
  return write({ ports, subject, publication, standing, decision });
}

interface Work {
  readonly ports: PublishPorts;
  readonly subject: Subject;
  readonly publication: Publication;
  readonly standing: Standing;
  readonly decision: Decision;
}

type Step = (work: Work, done: Published) => Promise<Published>;

async function write(work: Work): Promise<Published> {
  const start: Published = {
    comment: 'unchanged',
    statuses: [],
    annotations: 'unchanged',
    sarif: 'unchanged',
    unwritten: [],
  };
  const { decision } = work;
  const steps: readonly Step[] = [
    ...(decision.annotate ? [leaveNotes, uploadSarif] : []),
    ...(decision.comment === 'unchanged' ? [] : [putComment]),
    // Another job may have judged this commit meanwhile: then its comment, and maybe its statuses, differ from ours.
    ...(decision.comment === 'unchanged' && decision.statuses.length === 0 ? [] : [putStatuses]),
  ];
  let done = start;
  for (const step of steps) {
    const why = await movedOn(work);
    if (why !== undefined) {
      work.ports.log(`superseded: ${why}; nothing more is written for ${short(work)}`);
      return { ...done, comment: 'superseded' };
    }
    done = await step(work, done);
  }
  return done;
}

async function movedOn({ ports, subject: { pull } }: Work): Promise<string | undefined> {
  return moved(pull, await ports.forge.pull(pull.number, ports.signal));
}

function short({ subject: { pull } }: Work): string {
  return pull.head.commit.slice(0, 7);
}

const leaveNotes: Step = async ({ ports: { forge, signal }, subject, publication }, done) => {
  const error = await refused(signal, async () =>
    forge.annotate(subject.pull, publication.notes, signal),
  );
  if (error) return failed(done, { what: 'annotations', error }, { annotations: 'failed' });
  return { ...done, annotations: 'written' };
};

const uploadSarif: Step = async ({ ports: { forge, signal }, subject, publication }, done) => {
  const { sarif } = publication;
  if (sarif === undefined) return done;
  let result: 'uploaded' | 'unsupported' = 'unsupported';
  const error = await refused(signal, async () => {
    result = await forge.uploadSarif(subject.pull, sarif, signal);
  });
  if (error) return failed(done, { what: 'sarif', error }, { sarif: 'failed' });
  return { ...done, sarif: result };
};

const putComment: Step = async (work, done) => {
  const { ports, subject, publication, standing, decision } = work;
  const isWhole = done.unwritten.length === 0;
  const body = markedComment(subject, publication, isWhole ? decision.notes : '-');
  let put: OwnComment | undefined;
  const error = await refused(ports.signal, async () => {
    put = await putWhileCurrent(work, body);
    if (put && !standing.own) await joinFirst(work, put.id, body);
  });
  if (error) return failed(done, { what: 'comment', error }, { comment: 'failed' });
  return { ...done, comment: put ? decision.comment : 'superseded' };
};

/**
 * A forge that limits us may let a write wait for long, and a newer push be judged meanwhile: the wait is cut short, and
 * the write tried again only while it is still of this head.
 *
 * @returns undefined where the pull request moved on
 */
async function putWhileCurrent(work: Work, body: string): Promise<OwnComment | undefined> {
  const { forge, signal, patienceMs: patience = patienceMs } = work.ports;
  const { pull, name } = work.subject;
  let { own } = work.standing;
  for (let tries = 1; ; tries += 1) {
    const hurried = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
    try {
      return await forge.putComment(pull.number, own, body, hurried);
    } catch (error) {
      signal.throwIfAborted();
      if (!hurried.aborted) throw error;
      if (tries === mostTries) throw tooSlow(error);
    }
    if ((await movedOn(work)) !== undefined) return undefined;
    own = await forge.ownComment(pull.number, markerPrefix(name), signal);
  }
}

function tooSlow(cause: unknown): ReconcileError {
  const message = 'the forge did not take the comment in time';
  const nextStep = 'run the job again, later: the forge is slow, or limits how often it is asked';
  return new ReconcileError('ForgeUnavailable', message, { cause, nextStep });
}

/** Two jobs may both have found no comment: the older of the two counts, and the other one says so. */
async function joinFirst(
  { ports: { forge, signal }, subject: { pull, name } }: Work,
  id: string,
  body: string,
): Promise<void> {
  const first = await forge.ownComment(pull.number, markerPrefix(name), signal);
  if (first === undefined || first.id === id) return;
  await forge.putComment(pull.number, first, body, signal);
  await forge.putComment(pull.number, { id, body }, '**Fairlead**: see the comment above.', signal);
}

const putStatuses: Step = async ({ ports, subject, publication }, done) => {
  const { forge, signal } = ports;
  const written: CommitStatus[] = [];
  const standing = await standingNow(ports, subject);
  for (const status of statusWrites(subject.name, publication, standing)) {
    // What opens the merge never turns green beside something that could not be said.
    const isKept = status.state === 'success' && done.comment === 'failed';
    const next: CommitStatus = isKept ? { ...status, state: 'error', description: unsaid } : status;
    const error = await refused(signal, async () =>
      forge.putStatus(subject.pull.head.commit, next, signal),
    );
    if (error) return failed(done, { what: 'statuses', error }, { statuses: written });
    written.push(next);
  }
  return { ...done, statuses: written };
};

/** What the review began with may be another job's past. Where it cannot be read, all of it is written. */
async function standingNow(
  { forge, signal }: PublishPorts,
  { pull }: Subject,
): Promise<readonly CommitStatus[]> {
  let found: readonly CommitStatus[] = [];
  await refused(signal, async () => {
    found = await forge.statuses(pull.head.commit, signal);
  });
  return found;
}

const unsaid = 'the comment could not be written: see the log of the job';

function failed(done: Published, what: Unwritten, changes: Partial<Published>): Published {
  return { ...done, ...changes, unwritten: [...done.unwritten, what] };
}

/** The forge's failure, as a value; anything else is thrown. */
async function refused(
  signal: AbortSignal,
  work: () => Promise<unknown>,
): Promise<ReconcileError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ReconcileError)) throw error;
    return error;
  }
}

/** Says that a review is under way, where this commit has no verdict yet. @returns why it could not be said */
export async function announce(
  { forge, signal }: PublishPorts,
  { pull, name, statuses }: Subject,
): Promise<ReconcileError | undefined> {
  const overall = contextOf(name, planContext);
  if (statuses.some(({ context }) => context === overall)) return undefined;
  const description = 'the change is being reviewed';
  const status: CommitStatus = { context: overall, state: 'pending', description };
  return refused(signal, async () => forge.putStatus(pull.head.commit, status, signal));
}
