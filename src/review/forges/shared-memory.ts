import type { ForgeAnswer } from './shared-wire.ts';

/** Answers are kept while they are few and small: a page of pull requests, not of novels. */
const mostAnswers = 64;
const mostBytes = 512 * 1024;

interface Known {
  readonly etag: string;
  readonly answer: ForgeAnswer;
}

/** Answers that the forge can say "still the same" of: such a question costs nothing of GitHub's limit. */
export interface Memory {
  get(url: string): Known | undefined;
  keep(url: string, answer: ForgeAnswer, bytes: number): void;
}

export function createMemory(): Memory {
  const known = new Map<string, Known>();
  return {
    get: (url) => known.get(url),
    keep: (url, answer, bytes) => {
      known.delete(url);
      const etag = answer.headers['etag'];
      if (etag === undefined || bytes > mostBytes) return;
      known.set(url, { etag, answer });
      const [oldest] = known.keys();
      if (known.size > mostAnswers && oldest !== undefined) known.delete(oldest);
    },
  };
}
