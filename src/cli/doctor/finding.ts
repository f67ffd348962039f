/** What a check came to; `warn` costs something, with `fail` nothing works. */
export const states = ['ok', 'warn', 'fail'] as const;

export type State = (typeof states)[number];

/** One line of `doctor`. */
export interface Finding {
  /** `machine`, `settings`, the name of a connection, or `source` and its name. */
  readonly area: string;
  /** Stable kebab-case id, for scripts. */
  readonly check: string;
  readonly state: State;
  /** What was found; no secret in it. */
  readonly message: string;
  /** What to do about it; absent where nothing is to be done. */
  readonly nextStep?: string;
}

/** Findings of one area. */
export function inArea(area: string) {
  return (check: string, state: State, message: string, nextStep?: string): Finding => ({
    area,
    check,
    state,
    message,
    ...(nextStep === undefined ? {} : { nextStep }),
  });
}
