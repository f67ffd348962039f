import { linesOf, problemsText } from '../core/render/problems.ts';
import type { SourceDocuments } from '../core/model/documents.ts';
import type { Problem } from '../core/words/problems.ts';
import { styleOf } from './output.ts';
import type { Session } from './session.ts';

/** Problems of declarations on stderr, beside a result on stdout. */
export function printProblems(
  session: Session,
  {
    problems,
    sources,
  }: { readonly problems: readonly Problem[]; readonly sources: readonly SourceDocuments[] },
): void {
  const style = { ...styleOf(session), color: session.options.color && session.stderr.isTTY };
  const text = problemsText(problems, style, linesOf(sources));
  if (text !== '') session.stderr.write(`\n${text}`);
}
