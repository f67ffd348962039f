import type { ExitCode } from './exit.ts';
import type { Session } from './session.ts';

export interface OptionSpec {
  /** As commander reads it: `--out <FILE>`, `-o, --output <FORMAT>`. */
  readonly flags: string;
  readonly description: string;
  readonly choices?: readonly string[];
  readonly default?: string | boolean;
  /** May be given several times. */
  readonly many?: boolean;
}

export interface ArgumentSpec {
  /** As commander reads it: `<PATH...>`, `[KIND]`. */
  readonly syntax: string;
  readonly description: string;
}

export interface ExampleSpec {
  readonly command: string;
  readonly does: string;
}

/** What was given on the command line, options by camel-case name. */
export interface Given {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

export type Run = (session: Session, given: Given) => Promise<ExitCode>;

/** One command as data: help, completion and the command reference are made from it. Its code is loaded when it runs. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** Paragraphs, separated by empty lines. */
  readonly description: string;
  readonly args: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  readonly examples: readonly ExampleSpec[];
  /** Exit codes besides 0 and 1, and when. */
  readonly exits: Readonly<Record<number, string>>;
  readonly load: () => Promise<{ readonly run: Run }>;
}

/** An option that holds one text. */
export function textOption(given: Given, name: string): string | undefined {
  const value = given.options[name];
  return typeof value === 'string' ? value : undefined;
}

/** An option that may be given several times. */
export function textOptions(given: Given, name: string): readonly string[] {
  const value = given.options[name];
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === 'string')
    : [];
}

export function flag(given: Given, name: string): boolean {
  return given.options[name] === true;
}
