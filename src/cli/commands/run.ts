import { resolve } from 'node:path';
import type { SourceDocuments } from '../../core/model/documents.ts';
import type { DesiredProgram } from '../../core/model/desired.ts';
import type { ChangeId } from '../../core/model/plan.ts';
import { gatesOf } from '../../core/plan/gates.ts';
import { plural } from '../../core/render/sentence.ts';
import { programId } from '../../core/words/keys.ts';
import { visible } from '../../core/render/visible.ts';
import type { TelemetryEvent } from '../../ports/index.ts';
import { warnOfUnusedApprovals } from '../approvals.ts';
import { flag, textOption, textOptions, type Given, type Run } from '../command.ts';
import {
  changedPrograms,
  completedAfter,
  readCompleted,
  writeCompleted,
} from '../composition/completed.ts';
import {
  declare,
  ofCompleteSources,
  sourcesOf,
  trustOf,
  type Declared,
} from '../composition/declarations.ts';
import { executeLines, verdictAfter } from '../composition/execute.ts';
import { heedOnce } from '../composition/orders-once.ts';
import { ordersIn } from '../composition/orders.ts';
import { planWith, verdictOf } from '../composition/plan-set.ts';
import type { Line } from '../composition/pass.ts';
import { openRuntime } from '../composition/runtime.ts';
import { lookAtSources, pruneSources, type LookedAt } from '../composition/sources.ts';
import { CliError, exitCodes, firstThatApplies, type ExitCode } from '../exit.ts';
import { keepHeapSmall } from '../heap.ts';
import { userOf } from '../orders/user.ts';
import { reportPass } from '../report-pass.ts';
import { explainer } from '../../reconcile/explain.ts';
import { stoppedBy, type Session } from '../session.ts';
import { leaveSoon } from '../signals.ts';
import { connectionsFile, loadAdministration, type Administration } from '../settings.ts';
import { systemClock } from '../system.ts';

/** `fairlead run --config FILE`: for ever, or once. */
export const run: Run = async (session, given) => {
  keepHeapSmall();
  if (flag(given, 'kubernetes')) return runInCluster(session, given);
  refuseOptions(given, clusterOptions, 'goes with --kubernetes');
  return flag(given, 'once') ? runOnce(session, given) : runAlways(session, given);
};

const clusterOptions = ['kubeconfig', 'leases', 'namespace', 'shard', 'shards'];

async function runInCluster(session: Session, given: Given): Promise<ExitCode> {
  if (flag(given, 'once'))
    throw new CliError('Usage', '--once does not go with --kubernetes', {
      nextStep: 'leave one of them out',
    });
  refuseOptions(given, ['allow'], 'goes with --once');
  const state = textOption(given, 'state');
  const config = textOption(given, 'config');
  const { connections } = session.options;
  const { controlCluster } = await import('../cluster/control.ts');
  await controlCluster(session, {
    kubeconfig: textOption(given, 'kubeconfig'),
    namespaces: textOptions(given, 'namespace'),
    config: config === undefined ? undefined : resolve(config),
    connections: connections === undefined ? undefined : resolve(connections),
    stateDir: state === undefined ? undefined : resolve(state),
    listen: textOption(given, 'listen'),
    shards: shardsOf(given),
    leases: leasesOf(given),
  });
  const code = exitOf(session, []);
  leaveSoon(code);
  return code;
}

const mostShards = 256;

interface ShardsOption {
  readonly total: number;
  readonly only: number | undefined;
}

/** `--shards N`: as many as come to this process; `--shard I/N`: this one of N and no other, counted from 0. */
function shardsOf(given: Given): ShardsOption {
  const [one, all] = [textOption(given, 'shard'), textOption(given, 'shards')];
  if (one === undefined && all === undefined) return { total: 1, only: undefined };
  const shards = one === undefined ? countOf(all ?? '') : all === undefined && partOf(one);
  if (shards && isPossible(shards)) return shards;
  throw new CliError('Usage', 'the shards cannot be understood', {
    nextStep: `give --shards N with N from 1 to ${mostShards}, or --shard I/N with I from 0 to N-1`,
  });
}

/** Names of Leases are made of it, and the value of a label. */
function leasesOf(given: Given): string | undefined {
  const name = textOption(given, 'leases');
  if (name === undefined || /^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$/.test(name)) return name;
  throw new CliError('Usage', `--leases ${name} is no name`, {
    nextStep:
      'give at most 52 small letters, digits and hyphens, a letter first and no hyphen last',
  });
}

function countOf(text: string): ShardsOption | undefined {
  return /^\d{1,3}$/.test(text) ? { total: Number(text), only: undefined } : undefined;
}

function partOf(text: string): ShardsOption | undefined {
  const [, index, count] = /^(\d{1,3})\/(\d{1,3})$/.exec(text) ?? [];
  return index === undefined ? undefined : { total: Number(count), only: Number(index) };
}

function isPossible({ total, only = 0 }: ShardsOption): boolean {
  return total >= 1 && total <= mostShards && only < total;
}

async function runAlways(session: Session, given: Given): Promise<ExitCode> {
  refuseOptions(given, ['allow'], 'goes with --once');
  const stateDir = resolve(textOption(given, 'state') ?? session.environment.defaultStateDir);
  const named = textOption(given, 'config');
  const config = named === undefined ? connectionsFile(session).file : resolve(named);
  // The server and all it needs are loaded for this alone.
  const { control } = await import('../controller/control.ts');
  await control(session, { config, stateDir, listen: textOption(given, 'listen') });
  const code = exitOf(session, []);
  // A call that does not end would keep the process until its own deadline.
  leaveSoon(code);
  return code;
}

/** @throws CliError `Usage`  for an option that would have no effect */
function refuseOptions(given: Given, names: readonly string[], why: string): void {
  const found = names.find(
    (name) => textOption(given, name) !== undefined || textOptions(given, name).length > 0,
  );
  if (found === undefined) return;
  throw new CliError('Usage', `--${found} ${why}`, {
    nextStep: `${why.replace('goes with', 'add')}, or leave the option out`,
  });
}

async function runOnce(session: Session, given: Given): Promise<ExitCode> {
  const administration = await administrationOf(session, given);
  const stateDir = resolve(textOption(given, 'state') ?? session.environment.defaultStateDir);
  // What was completed is kept by one at a time, a controller or a pass of a timer.
  const { lockState } = await import('../composition/state-lock.ts');
  const lock = await lockState(stateDir);
  try {
    return await passOnce(session, given, { administration, stateDir });
  } finally {
    lock.release();
  }
}

interface Once {
  readonly administration: Administration;
  readonly stateDir: string;
}

async function passOnce(
  session: Session,
  given: Given,
  { administration, stateDir }: Once,
): Promise<ExitCode> {
  const byHand = new Set(textOptions(given, 'allow') as ChangeId[]);
  const orders = ordersIn(stateDir, {
    clock: systemClock,
    telemetry: { emit: (event) => tellIgnored(session, event) },
    user: userOf(session),
  });
  const heeded = await heedOnce(orders, byHand, systemClock);
  const allowed = new Set([...byHand, ...heeded.approved.keys()]);
  await pruneSources(session, administration, stateDir);
  const looked = await lookAtSources(session, administration, stateDir, allowed);
  const declared = await declare(
    {
      declarations: { load: async () => ({ sources: looked.documents }) },
      trust: trustOf(administration, undefined),
      repository: undefined,
      repositoryProblems: [],
      clock: systemClock,
    },
    session.signal,
  );
  const programs = ofCompleteSources(declared).map(heeded.suspended);
  await orders.used([...looked.used]);
  const complete = declared.sources.every((source) => source.complete);
  tellSources(session, declared.sources);
  const before = await readCompleted(stateDir);
  const programsInCommit = changedPrograms(programs, before);
  const runtime = await openRuntime(session, {
    administration,
    programs,
    sources: declared.sources,
    takeOver: [],
    stateDir,
  });
  try {
    const planned = await planWith(runtime, {
      session,
      declared: { ...declared, programs, administration },
      options: {
        snapshot: undefined,
        stateDir,
        takeOver: [],
        allowed: new Set([...allowed].filter((id) => !looked.used.has(id))),
        all: false,
        programsInCommit,
      },
    });
    // An order that waits for its change is as it should be; an option that names none is a mistake.
    warnOfUnusedApprovals(session, {
      ...planned,
      allowed: new Set([...planned.allowed].filter((id) => byHand.has(id))),
    });
    const executed = await executeLines(session, heeded.cleared(planned), {
      explain: explainer(declared.locate, (source) => looked.commits.get(source)),
      approvedBy: heeded.approvedBy,
    });
    await heeded.useUp(executed);
    reportPass(session, {
      planned,
      executed,
      format: textOption(given, 'output') ?? 'text',
      calls: runtime.calls(),
    });
    const failed = planned.failed.length > 0;
    const isMassChange = planned.lines.some(({ line }) => exceeds(line, programsInCommit));
    const completed = completedAfter(before, { executed, programs, isMassChange });
    if (completed) await writeCompleted(stateDir, completed);
    const unfinished = programs.filter(({ key, digest }) => completed?.[programId(key)] !== digest);
    if (!failed) await completeSources(looked, declared, unfinished);
    return exitOf(session, [
      ...(failed || !complete ? [exitCodes.error] : []),
      ...(declared.problems.some(({ severity }) => severity === 'error')
        ? [exitCodes.invalid]
        : []),
      ...verdictAfter(executed, verdictOf(planned.set)),
    ]);
  } finally {
    await runtime.close();
  }
}

/** An order that cannot be read is left out, and that is told. */
function tellIgnored({ stderr }: Session, event: TelemetryEvent): void {
  if (event.kind !== 'ignored') return;
  stderr.write(`fairlead: warning: ${event.what} is left out: ${visible(event.why)}\n`);
}

/** A source is completed at its commit when none of the programs it declares was left. */
async function completeSources(
  looked: LookedAt,
  { sources }: Declared,
  unfinished: readonly DesiredProgram[],
): Promise<void> {
  const left = new Set(unfinished.flatMap(sourcesOf));
  for (const { source, complete } of sources) {
    if (complete && !left.has(source)) await looked.completed(source);
  }
}

function exceeds({ opened }: Line, programsInCommit: number | undefined): boolean {
  const { maxPrograms } = gatesOf(opened.connection.spec.gates);
  return maxPrograms !== 'off' && programsInCommit !== undefined && programsInCommit > maxPrograms;
}

/** What was read, on stderr: a source that declares nothing is most often a wrong path. */
function tellSources({ stderr }: Session, sources: readonly SourceDocuments[]): void {
  for (const { source, commit, complete, documents, invalid } of sources) {
    const count = documents.length + invalid.length;
    const at = commit === undefined ? '' : ` at commit ${commit.slice(0, 12)}`;
    if (!complete)
      stderr.write(
        `fairlead: warning: source ${source}${at} could not be read whole; its programs rest\n`,
      );
    else if (count === 0)
      stderr.write(
        `fairlead: warning: source ${source}${at} declares nothing: see path, include and exclude of the GitSource\n`,
      );
    else stderr.write(`fairlead: source ${source}${at}: ${plural(count, 'document')}\n`);
  }
}

async function administrationOf(session: Session, given: Given): Promise<Administration> {
  const file = textOption(given, 'config');
  const administration = await loadAdministration(
    session,
    file === undefined ? undefined : resolve(file),
  );
  if (administration.sources.length > 0) return administration;
  throw new CliError('SettingsInvalid', `${administration.file} holds no GitSource`, {
    nextStep: 'add a GitSource with the url of the repository, or use fairlead apply PATH',
  });
}

/** A signal's own code comes before every verdict. */
function exitOf({ signal }: Session, codes: readonly ExitCode[]): ExitCode {
  const stopped = stoppedBy(signal);
  if (stopped !== undefined)
    return stopped === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated;
  return firstThatApplies(codes);
}
