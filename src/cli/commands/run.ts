import { resolve } from 'node:path';
import type { SourceDocuments } from '../../core/model/documents.ts';
import type { ChangeId } from '../../core/model/plan.ts';
import { gatesOf } from '../../core/plan/gates.ts';
import { plural } from '../../core/render/sentence.ts';
import { warnOfUnusedApprovals } from '../approvals.ts';
import { flag, textOption, textOptions, type Given, type Run } from '../command.ts';
import {
  changedPrograms,
  completedAfter,
  readCompleted,
  writeCompleted,
} from '../composition/completed.ts';
import { declare, ofCompleteSources, trustOf } from '../composition/declarations.ts';
import { executeLines, verdictAfter } from '../composition/execute.ts';
import { planWith, verdictOf } from '../composition/plan-set.ts';
import type { Line } from '../composition/pass.ts';
import { openRuntime } from '../composition/runtime.ts';
import { declarationsOfSources } from '../composition/sources.ts';
import { CliError, exitCodes, firstThatApplies, type ExitCode } from '../exit.ts';
import { keepHeapSmall } from '../heap.ts';
import { reportPass } from '../report-pass.ts';
import { stoppedBy, type Session } from '../session.ts';
import { loadAdministration, type Administration } from '../settings.ts';
import { systemClock } from '../system.ts';

/** `fairlead run --config FILE --once` */
export const run: Run = async (session, given) => {
  keepHeapSmall();
  const administration = await administrationOf(session, given);
  const stateDir = resolve(textOption(given, 'state') ?? session.environment.defaultStateDir);
  const declared = await declare(
    {
      declarations: declarationsOfSources(session, administration, stateDir),
      trust: trustOf(administration, undefined),
      repository: undefined,
      repositoryProblems: [],
      clock: systemClock,
    },
    session.signal,
  );
  const programs = ofCompleteSources(declared);
  const complete = declared.sources.every((source) => source.complete);
  tellSources(session, declared.sources);
  const before = await readCompleted(stateDir);
  const programsInCommit = changedPrograms(programs, before);
  const runtime = await openRuntime(session, { administration, programs, takeOver: [], stateDir });
  try {
    const planned = await planWith(runtime, {
      session,
      declared: { ...declared, programs, administration },
      options: {
        snapshot: undefined,
        stateDir,
        takeOver: [],
        allowed: new Set(textOptions(given, 'allow') as ChangeId[]),
        all: false,
        programsInCommit,
      },
    });
    const commits = Object.fromEntries(
      declared.sources.flatMap(({ source, commit }) =>
        commit === undefined ? [] : [[source, commit]],
      ),
    );
    warnOfUnusedApprovals(session, planned);
    const executed = await executeLines(session, planned, (source) => {
      const id = commits[source];
      return id === undefined ? {} : { commit: { id } };
    });
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
};

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
  if (!flag(given, 'once')) {
    throw new CliError('Usage', 'the long-running controller is not there yet', {
      nextStep: 'use fairlead run --config FILE --once, for example from a timer',
    });
  }
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
