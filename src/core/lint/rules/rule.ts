import type { Severity } from '../../words/problems.ts';

/** What a rule is, for reports and for people who meet it the first time. */
export interface Rule {
  /** Errors stay errors; the others may be made stricter, milder or silent in `.fairlead.yaml`. */
  readonly severity: Severity;
  /** What is wrong, in a few words. */
  readonly title: string;
  /** Why it matters and what to do. */
  readonly help: string;
}

/** The form of every table of rules. */
export type Rules = Readonly<Record<string, Rule>>;

/** A rule nobody can switch off. */
export function error(title: string, help: string): Rule {
  return { severity: 'error', title, help };
}

/** A rule a repository may judge for itself. */
export function warning(title: string, help: string): Rule {
  return { severity: 'warning', title, help };
}

/** Something worth knowing that asks for nothing. */
export function note(title: string, help: string): Rule {
  return { severity: 'info', title, help };
}
