import type { Ink } from './review-ink.ts';

/** Why a review could not be made, for people. Parts of it may have been written by others. */
export interface ReviewFailure {
  readonly message: string;
  readonly nextStep: string | null;
}

/** What stands on a pull request whose review could not be made, in place of an older verdict. */
export function failureMarkdown(
  { message, nextStep }: ReviewFailure,
  commit: string,
  ink: Ink,
): string {
  const step = nextStep === null ? '' : `\n\n**What must be done**: ${ink.code(nextStep)}`;
  return `### Fairlead: **no verdict** for ${ink.code(commit.slice(0, 7))}\n\n> ${ink.code(message)}${step}\n\n<sub>this comment is edited in place</sub>\n`;
}
