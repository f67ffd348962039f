import { ReconcileError } from '../core/words/errors.ts';
import { visible } from '../core/render/visible.ts';
import { problemsText } from '../core/render/problems.ts';
import type { Problem } from '../core/words/problems.ts';
import { CliError, exitCodes, type ExitCode } from './exit.ts';
import { formatVersion, styleOf } from './output.ts';
import { stoppedBy, type Session } from './session.ts';

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly nextStep: string | undefined;
  readonly problems: readonly Problem[];
  readonly exit: ExitCode;
}

/**
 * Tells a person (stderr) or a script (stdout, with `-o json`) what went wrong and what to do next.
 *
 * A bug is told as one, with its stack only at the debug log level.
 */
export function reportFailure(
  error: unknown,
  session: Session,
  options: Readonly<Record<string, unknown>>,
): ExitCode {
  const failure = describe(error, session);
  if (options['output'] === 'json' || options['output'] === 'sarif') {
    const { code, message, nextStep, problems } = failure;
    const document = {
      formatVersion,
      kind: 'Error',
      error: { code, message, nextStep: nextStep ?? null },
      problems,
    };
    session.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    session.stderr.write(failureText(failure, session));
  }
  const verbose = session.options.logLevel === 'debug' || session.options.logLevel === 'trace';
  if (failure.code === 'InternalError' && verbose && error instanceof Error) {
    session.stderr.write(`${error.stack ?? error.message}\n`);
  }
  return failure.exit;
}

function describe(error: unknown, { signal }: Session): Failure {
  const stopped = stoppedBy(signal);
  if (stopped !== undefined && !(error instanceof CliError)) {
    return {
      code: 'Interrupted',
      message: `stopped by ${stopped}`,
      nextStep: 'run the same command again; it goes on from where it was',
      problems: [],
      exit: stopped === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated,
    };
  }
  if (error instanceof CliError) {
    const { code, message, nextStep, problems, exit } = error;
    return { code, message, nextStep, problems, exit };
  }
  if (error instanceof ReconcileError) {
    const { code, message, nextStep } = error;
    return { code, message, nextStep, problems: [], exit: exitCodes.error };
  }
  return {
    code: 'InternalError',
    message: error instanceof Error ? `this is a bug: ${error.message}` : 'this is a bug',
    nextStep: 'run it again with --log-level debug and report what it prints',
    problems: [],
    exit: exitCodes.error,
  };
}

function failureText({ message, nextStep, problems }: Failure, session: Session): string {
  // Messages repeat what was typed and what files are called.
  const lines = [`fairlead: ${visible(message)}`];
  if (nextStep !== undefined) lines.push(`  next: ${visible(nextStep)}`);
  const listed = problemsText(problems, { ...styleOf(session), width: columnsOf(session) });
  return `${listed === '' ? '' : `${listed}\n`}${lines.join('\n')}\n`;
}

const narrowest = 60;
const untilTold = 120;

function columnsOf({ stderr }: Session): number {
  return stderr.isTTY ? Math.max(narrowest, stderr.columns) : untilTold;
}
