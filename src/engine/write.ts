import pLimit from 'p-limit';
import type { Change, Decision } from '../core/model/plan.ts';
import type { Written } from '../core/model/write.ts';
import { ReconcileError } from '../core/words/errors.ts';
import type { Outcome, ReadPorts, WritePorts } from '../ports/index.ts';
import { carryOut, type Earlier } from './carry-out.ts';
import { outcomeOf, partsOf, type Part, type PartResult } from './parts.ts';
import { keepSettledBases } from './keep-bases.ts';
import { capabilitiesOf, secretsOf } from './read.ts';
import { repeatRead } from './retry.ts';
import type { ExecuteContext, Run } from './run.ts';
import { after } from './send.ts';

export type { ExecuteContext } from './run.ts';

interface Finished {
  readonly part: Part;
  readonly result: PartResult;
}

/**
 * Carries out what was decided for one program and says what became of each change, in the order of the decision.
 *
 * Steps follow each other; within a step `maxWriters` calls are under way at a time. One change's failure stops no
 * other, except those that wait for it. Nothing is written that was not decided: planning again only drops fields.
 * When `signal` is aborted, calls under way are finished and the rest is `skipped`. A bug is an outcome `failed` with
 * `InternalError`; after one nothing more is started.
 *
 * @throws ReconcileError before the first write: `SettingsInvalid` without a fingerprint key, or what reading throws
 */
export async function execute(
  decision: Decision,
  ports: ReadPorts & WritePorts,
  context: ExecuteContext,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  if (signal.aborted) return decision.apply.map(({ change }) => notStarted(change));
  await keepSettledBases(ports, context, signal);
  if (decision.apply.length === 0) return [];
  const stop = new AbortController();
  const run = await startRun(ports, context, AbortSignal.any([signal, stop.signal]));
  const parts = partsOf(decision);
  const finished: Finished[] = [];
  for (const step of [1, 2, 3] as const) {
    const limit = pLimit(context.maxWriters);
    const members = parts.filter((part) => part.step === step);
    const earlier = [...finished];
    await Promise.all(
      members.map((part) =>
        limit(async () => {
          const result = await carryOutSafely(part, earlierOf(part, earlier), { run, stop });
          finished.push({ part, result });
          ports.telemetry.emit({
            kind: 'progress',
            done: finished.length,
            total: parts.length,
            what: 'writes',
          });
        }),
      ),
    );
  }
  const changes = new Set(decision.apply.map(({ change }) => change));
  return [...changes].map((change) =>
    outcomeOf(
      change,
      finished.filter(({ part }) => part.change === change),
    ),
  );
}

function notStarted(change: Change): Outcome {
  return { result: 'skipped', change, why: 'interrupted before it was started' };
}

async function startRun(
  ports: ReadPorts & WritePorts,
  context: ExecuteContext,
  signal: AbortSignal,
): Promise<Run> {
  const info = await repeatRead(() => ports.reader.platform(signal), ports, signal);
  const fingerprints = await ports.secrets.fingerprints(
    context.connection,
    secretsOf(context.desired),
    signal,
  );
  if (!fingerprints.key) {
    throw new ReconcileError(
      'SettingsInvalid',
      `connection ${context.connection} has no fingerprint key`,
      {
        nextStep: 'give the connection a privateKey or a fingerprintKey',
      },
    );
  }
  return {
    ports,
    context,
    fingerprints,
    key: fingerprints.key,
    capabilities: () => capabilitiesOf(info, context.memory),
    signal,
    calls: new AbortController().signal,
    shown: new Set(),
    applied: new Set(),
  };
}

/** What the earlier parts of the same change came to: the next one stands on their record, or falls with them. */
function earlierOf(part: Part, finished: readonly Finished[]): Earlier | PartResult | undefined {
  const same = finished.filter((each) => each.part.change === part.change);
  const broken = same.find(({ result }) => result.kind !== 'applied');
  if (broken) return broken.result;
  const written = same
    .flatMap(({ result }): Written[] => (result.kind === 'applied' ? [result.written] : []))
    .at(-1);
  return (
    written && { fields: same.flatMap((each) => each.part.fields), precondition: after(written) }
  );
}

interface Guard {
  readonly run: Run;
  readonly stop: AbortController;
}

async function carryOutSafely(
  part: Part,
  earlier: Earlier | PartResult | undefined,
  guard: Guard,
): Promise<PartResult> {
  if (earlier && 'kind' in earlier)
    return { kind: 'skipped', why: 'its first half was not written' };
  try {
    return await carryOut(part, earlier, guard.run);
  } catch (cause) {
    guard.stop.abort();
    const what = cause instanceof Error ? cause.name : typeof cause;
    const error = new ReconcileError(
      'InternalError',
      `a bug in Fairlead ended this program's pass (${what})`,
      { cause },
    );
    guard.run.ports.telemetry.emit({
      kind: 'failed',
      key: part.change.key,
      code: error.code,
      message: error.message,
    });
    return { kind: 'failed', error };
  }
}
