import type { SourceStatus } from '../core/model/controller.ts';
import { epochMs } from '../core/words/time.ts';
import type { Look, SourceCommit } from '../ports/controller.ts';
import { createBell, sleepUntilRung } from './bell.ts';
import { failureOf, setSource, troubleOf } from './conditions.ts';
import { standingOf, type LoopState, type SourceEntry } from './state.ts';
import { problemsShown, problemText } from './problem-text.ts';
import { resolveWhenTried, takeUp } from './take-up.ts';

/** Looks at one source for ever: when it is due, and when somebody hints. */
export async function follow(
  state: LoopState,
  entry: SourceEntry,
  signal: AbortSignal,
): Promise<void> {
  const { clock, hints } = state.ports;
  const { name } = entry.source;
  for (;;) {
    const hinted = new AbortController();
    const { rung, ring } = createBell();
    entry.wake = ring;
    void hints.next(name, AbortSignal.any([signal, hinted.signal])).then(ring, () => undefined);
    await lookOnce(state, entry, signal);
    signal.throwIfAborted();
    const now = clock.wall();
    const look = entry.look ?? state.settings.looks[name];
    const due = look?.next(now, now) ?? epochMs(now + 60_000);
    setSource(state, entry, { nextLookAt: due });
    await sleepUntilRung(rung, { clock, at: due }, signal);
    hinted.abort();
  }
}

/** One look, and what follows from it. Trouble of the source leaves everything as it is. */
async function lookOnce(state: LoopState, entry: SourceEntry, signal: AbortSignal): Promise<void> {
  const { clock, telemetry } = state.ports;
  const began = clock.mono();
  const told = (code: string): void =>
    telemetry.emit({ kind: 'look', source: entry.source.name, code, ms: clock.mono() - began });
  try {
    const allowed = new Set(standingOf(state).approved.keys());
    const look = await entry.source.look(allowed, signal);
    entry.isTried = true;
    await apply(state, entry, look, signal);
    told(look.kind);
  } catch (error) {
    signal.throwIfAborted();
    const failure = failureOf(error);
    told(failure.code);
    if (!entry.isTried) await startWithout(state, entry, signal);
    setSource(state, entry, { state: 'Failing', trouble: troubleOf(failure), changeId: undefined });
  }
}

async function apply(
  state: LoopState,
  entry: SourceEntry,
  look: Look,
  signal: AbortSignal,
): Promise<void> {
  const lookedAt = state.ports.clock.wall();
  if (look.kind === 'rewound') {
    const { changeId, message, nextStep } = look;
    const trouble = { code: 'SourceRewound' as const, message, nextStep };
    if (!entry.documents) await startWithout(state, entry, signal);
    setSource(state, entry, { state: 'Rewound', trouble, changeId, lookedAt });
    return;
  }
  if (look.kind === 'changed') await inForce(state, entry, look.source);
  const healthy = { state: 'Ready' as const, trouble: undefined, changeId: undefined };
  setSource(state, entry, { ...healthy, lookedAt });
}

/** The remote does not answer at the start: what was in force when we stopped is in force again. */
async function startWithout(
  state: LoopState,
  entry: SourceEntry,
  signal: AbortSignal,
): Promise<void> {
  const kept = await entry.source.restore(signal);
  entry.isTried = true;
  if (kept) await inForce(state, entry, kept);
  else await resolveWhenTried(state, entry);
}

async function inForce(
  state: LoopState,
  entry: SourceEntry,
  { documents, commit, changedBy, base }: SourceCommit,
): Promise<void> {
  const before = state.told.commits.get(entry.source.name);
  entry.documents = documents;
  entry.changedBy = changedBy;
  entry.base = base;
  const isTold = before !== commit.id;
  setSource(state, entry, { commit, ...countOf(documents) });
  await takeUp(state, entry, { isTold, ...(before === undefined ? {} : { before }) });
}

function countOf({
  documents,
  invalid,
  problems,
}: SourceCommit['documents']): Pick<SourceStatus, 'documents' | 'problems' | 'problemCount'> {
  const errors = problems.filter(({ severity }) => severity === 'error');
  return {
    documents: documents.length + invalid.length,
    problems: errors.slice(0, problemsShown).map(problemText),
    problemCount: errors.length,
  };
}
