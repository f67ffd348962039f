import type { ControllerStatus, ProgramStatus } from '../../core/model/controller.ts';
import type { Clock, Telemetry } from '../../ports/index.ts';
import type { StatusBoard } from '../../ports/controller.ts';
import { failureText, makeFolder, writeWhole } from './state-files.ts';
import { statusFile } from './status-file.ts';

export { readStatus } from './status-file.ts';

/** Milliseconds between two writes, at least. */
const pauseMs = 1_000;
/** Milliseconds between two writes, at most: `at` tells whether the controller lives. */
const beatMs = 10_000;

export interface StatusBoardOptions {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Ends the writing; what was said last is written by `flush`. */
  readonly signal: AbortSignal;
}

export interface FileStatusBoard extends StatusBoard {
  /** Writes now what stands now. Never throws. */
  flush(): Promise<void>;
  /** What stands now, as of this moment; undefined until something was said. */
  latest(): ControllerStatus | undefined;
}

/**
 * Shows the controller in a file of its state directory, written whole: at most once a second while something changes,
 * and every ten seconds. Never throws: a full disk is told once, until it is over, and tried again.
 */
export function statusBoard(
  stateDir: string,
  { clock, telemetry, signal }: StatusBoardOptions,
): FileStatusBoard {
  const file = statusFile(stateDir);
  const text = statusText();
  let make: (() => ControllerStatus) | undefined;
  let isDue = false;
  let writtenAt = clock.mono() - pauseMs;
  let isFailing = false;
  let turn: Promise<void> = Promise.resolve();

  const latest = (): ControllerStatus | undefined => make && { ...make(), at: clock.wall() };

  async function write(): Promise<void> {
    isDue = false;
    writtenAt = clock.mono();
    try {
      const status = latest();
      if (!status) return;
      await makeFolder(stateDir);
      await writeWhole({ file, text: text(status), temporary: `${file}.new`, durable: false });
      isFailing = false;
    } catch (error) {
      if (!isFailing) {
        const why = `the status cannot be written: ${failureText(error)}`;
        telemetry.emit({ kind: 'ignored', what: 'status.json', why });
      }
      isFailing = true;
    }
  }

  /** One write at a time. */
  async function writeInTurn(): Promise<void> {
    turn = turn.then(write);
    return turn;
  }

  const restMs = (): number => writtenAt + pauseMs - clock.mono();

  async function writeSoon(): Promise<void> {
    // Somebody else may have written while this slept.
    for (let ms = restMs(); ms > 0; ms = restMs()) await clock.sleep(ms, signal);
    if (isDue) await writeInTurn();
  }

  async function beat(): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(Math.max(1, writtenAt + beatMs - clock.mono()), signal);
      if (clock.mono() - writtenAt >= beatMs) await writeInTurn();
    }
  }

  return {
    latest,
    flush: writeInTurn,
    changed(status) {
      const isFirst = make === undefined;
      make = status;
      if (!isDue) {
        isDue = true;
        untilAborted(writeSoon());
      }
      if (isFirst) untilAborted(beat());
    },
  };
}

/** Sleeps end with the signal; nothing else of this rejects. */
function untilAborted(work: Promise<void>): void {
  work.catch(() => undefined);
}

/** Programs make nearly all of a status, and most of them are the very objects they were a second ago. */
function statusText(): (status: ControllerStatus) => string {
  const texts = new WeakMap<ProgramStatus, string>();
  const textOf = (program: ProgramStatus): string => {
    const known = texts.get(program);
    if (known !== undefined) return known;
    const text = JSON.stringify(program);
    texts.set(program, text);
    return text;
  };
  return ({ programs, ...rest }) =>
    `${JSON.stringify(rest).slice(0, -1)},"programs":[${programs.map(textOf).join(',\n')}]}\n`;
}
