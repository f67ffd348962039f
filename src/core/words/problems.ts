import type { Origin } from './places.ts';

export type Severity = 'error' | 'warning' | 'info';

/**
 * A mistake in a declaration or in settings: a value, never an exception.
 *
 * `rule` is a stable kebab-case id; `message` says what is wrong; `nextStep` what to do.
 */
export interface Problem {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly nextStep?: string;
  readonly origin?: Origin;
  /** Other places that belong to the same mistake, such as the other of two claims. */
  readonly related?: readonly Origin[];
}
