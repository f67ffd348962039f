import type { LogLine } from './log-lines.ts';

/** Things whose state is remembered; of the oldest beyond them the next line counts as news. */
const maxRemembered = 20_000;

/**
 * Takes the level from lines that say the same of the same thing as the last one did: once per transition, not per pass.
 */
export function createRepeats(): (line: LogLine) => LogLine {
  const last = new Map<string, string>();
  return (line) => {
    const { state } = line;
    if (!state) return line;
    const isNews = last.get(state.of) !== state.is;
    last.delete(state.of);
    last.set(state.of, state.is);
    const [oldest] = last.keys();
    if (last.size > maxRemembered && oldest !== undefined) last.delete(oldest);
    return isNews ? line : { ...line, level: 'debug' };
  };
}
