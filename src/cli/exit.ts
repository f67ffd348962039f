import type { Problem } from '../core/words/problems.ts';

/** Exit codes: a promise to scripts (docs/reference/commands.md). */
export const exitCodes = {
  done: 0,
  error: 1,
  pending: 2,
  held: 3,
  blocked: 4,
  invalid: 5,
  stale: 6,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** When several apply, the first of these wins. */
const precedence: readonly ExitCode[] = [1, 5, 6, 3, 4, 2, 0];

/** The code of a command to which several verdicts apply. */
export function firstThatApplies(codes: Iterable<ExitCode>): ExitCode {
  const present = new Set(codes);
  return precedence.find((code) => present.has(code)) ?? exitCodes.done;
}

interface FailureDetails {
  readonly exit?: ExitCode;
  readonly nextStep?: string;
  readonly problems?: readonly Problem[];
  readonly cause?: unknown;
}

/** An expected failure of a command: one sentence, what to do next, and the exit code. Never a stack trace. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: string;
  readonly exit: ExitCode;
  readonly nextStep: string | undefined;
  readonly problems: readonly Problem[];

  constructor(code: string, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.code = code;
    this.exit = details.exit ?? exitCodes.error;
    this.nextStep = details.nextStep;
    this.problems = details.problems ?? [];
  }
}
