import { askableFields, findPrograms, isAskable } from '../../core/history/query.ts';
import type { HistoryQuery } from '../../core/history/query.ts';
import type { KnownProgram } from '../../core/model/history.ts';
import { parseMoment } from '../../core/resolve/moment.ts';
import { historyDocument, type HistorySet } from '../../core/render/history-document.ts';
import { historyText, programNames } from '../../core/render/history-text.ts';
import { nearest } from '../../core/validate/names.ts';
import { programId } from '../../core/words/keys.ts';
import { epochMs, type EpochMs } from '../../core/words/time.ts';
import { ForeignHistory, openHistory, type OpenHistory } from '../../ledger/history.ts';
import { textOption, type Given, type Run } from '../command.ts';
import { ledgerFile } from '../composition/ledger.ts';
import { readStatus } from '../composition/status-file.ts';
import { CliError, exitCodes } from '../exit.ts';
import { stateDirOf } from '../orders/give.ts';
import { durationMs } from '../orders/until.ts';
import { printJson, printText, styleOf } from '../output.ts';
import type { Session } from '../session.ts';
import { systemClock } from '../system.ts';

/** `fairlead history [PROGRAM[/VERSION/APP/ENV]] [FIELD]` */
export const run: Run = async (session, given) => {
  const stateDir = stateDirOf(session, given);
  const asked = askedOf(given);
  const history = open(ledgerFile(stateDir));
  try {
    const known = [...(history?.programs() ?? []), ...(await programsOfStatus(stateDir))];
    const query = queryOf(asked, known);
    const { since, limit } = asked;
    const told: HistorySet = history?.entries({
      ...query,
      limit,
      ...(since === undefined ? {} : { since }),
    }) ?? { entries: [], hasMore: false };
    print(session, given, { told, known, isThere: history !== undefined, stateDir });
  } finally {
    history?.close();
  }
  return exitCodes.done;
};

interface Asked {
  readonly subject: string | undefined;
  readonly field: string | undefined;
  readonly since: EpochMs | undefined;
  readonly limit: number;
}

function askedOf(given: Given): Asked {
  const [subject, field] = given.args;
  if (field !== undefined && !isAskable(field)) throw unknownField(field);
  return {
    subject,
    field,
    since: sinceOf(textOption(given, 'since'), systemClock.wall()),
    limit: limitOf(textOption(given, 'limit')),
  };
}

function unknownField(field: string): CliError {
  const meant = nearest(field, askableFields);
  return new CliError('Usage', `no field is called ${field}`, {
    nextStep:
      meant === undefined
        ? `use one of ${askableFields.join(', ')}; a variable is environmentVariables/${field}`
        : `did you mean ${meant}?`,
  });
}

/** The moment that `--since` names: a date in UTC, a moment, or how long ago. */
function sinceOf(text: string | undefined, now: EpochMs): EpochMs | undefined {
  if (text === undefined) return undefined;
  const length = durationMs(text);
  if (length !== undefined) return epochMs(now - length);
  const moment = parseMoment(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00Z` : text);
  if (moment !== undefined) return moment;
  throw new CliError('Usage', `--since ${text} is no date, no moment and no length of time`, {
    nextStep:
      'for example --since 2026-11-01, --since 2026-11-01T08:00Z, or --since 7d (s, m, h, d, w)',
  });
}

function limitOf(text = '50'): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new CliError('Usage', `--limit ${text} is no number`, {
      nextStep: 'for example --limit 100; 0 for all',
    });
  }
  return text === '0' ? Number.POSITIVE_INFINITY : Number(text);
}

function open(file: string): OpenHistory | undefined {
  try {
    return openHistory(file);
  } catch (error) {
    if (error instanceof ForeignHistory) {
      throw new CliError('LedgerForeign', `${file} is of another version of fairlead`, {
        cause: error,
        nextStep: error.isNewer
          ? 'use the version of the controller that writes it'
          : 'start the controller, or any fairlead apply, once: it brings the file up to date',
      });
    }
    const why = error instanceof Error ? error.message : 'unknown error';
    throw new CliError('LedgerUnreadable', `${file} cannot be read: ${why}`, {
      cause: error,
      nextStep: 'see who may read it, and whether --state names the right directory',
    });
  }
}

/** Names that the controller knows; the ledger answers without it, too. */
async function programsOfStatus(stateDir: string): Promise<readonly KnownProgram[]> {
  try {
    const { programs } = await readStatus(stateDir);
    return programs.map(({ key, names }) => ({ key, names }));
  } catch (error) {
    if (error instanceof CliError) return [];
    throw error;
  }
}

function queryOf({ subject, field }: Asked, known: readonly KnownProgram[]): HistoryQuery {
  const more = field === undefined ? {} : { field };
  if (subject === undefined) return { parts: [], ...more };
  const found = findPrograms(subject, known);
  if (!found) throw unknownProgram(subject, known);
  const programs = new Set(found.programs.map(({ key }) => programId(key)));
  return { programs, parts: found.rest, ...more };
}

function unknownProgram(subject: string, known: readonly KnownProgram[]): CliError {
  const [name = subject] = subject.split('/');
  const all = known.flatMap(({ key, names }) => [...names, key.miniProgram]);
  const meant = nearest(name, all);
  return new CliError('NotFound', `there is no history of a program ${name}`, {
    nextStep:
      meant === undefined
        ? '`fairlead history` without a program shows everything there is; see --state, too'
        : `did you mean ${meant}?`,
  });
}

interface Printed {
  readonly told: HistorySet;
  readonly known: readonly KnownProgram[];
  readonly isThere: boolean;
  readonly stateDir: string;
}

function print(session: Session, given: Given, { told, known, isThere, stateDir }: Printed): void {
  if (textOption(given, 'output') === 'json') {
    printJson(session, historyDocument(told));
  } else if (told.entries.length > 0) {
    printText(session, historyText(told, { style: styleOf(session), nameOf: programNames(known) }));
  } else {
    printText(
      session,
      isThere ? 'nothing of that has happened' : `nothing has been recorded in ${stateDir} yet`,
    );
  }
}
