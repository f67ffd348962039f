import type { Session } from './session.ts';

/** Version of every JSON document this tool prints. */
export const formatVersion = 1;

/** One JSON document on stdout; keys in the order given. */
export function printJson(session: Session, document: object): void {
  session.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

/** Text on stdout, ended by one line feed. */
export function printText(session: Session, text: string): void {
  session.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** How text may look where it is going. */
export function styleOf({ stdout, options, environment }: Session): {
  readonly color: boolean;
  readonly width: number;
  readonly unicode: boolean;
} {
  const { LC_ALL, LC_CTYPE, LANG } = environment.variables;
  const locale =
    [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== '') ?? 'C.UTF-8';
  return {
    color: options.color,
    width: stdout.isTTY ? Math.max(60, stdout.columns) : 120,
    unicode: !stdout.isTTY || /utf-?8/i.test(locale),
  };
}
