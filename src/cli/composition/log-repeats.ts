import type { LineState, LogLine } from './log-lines.ts';

/** Things whose state is remembered; of the oldest beyond them the next line counts as news. */
const maxRemembered = 20_000;

/**
 * Takes the level from lines that say the same of the same thing as the last one did: once per transition, not per pass.
 */
export function createRepeats(): (line: LogLine) => LogLine {
  const last = new Map<string, LineState>();
  return (line) => {
    const { state } = line;
    if (!state) return line;
    const before = last.get(state.of);
    const isNews = before?.is !== state.is && !(state.isCalm && (before?.isCalm ?? true));
    last.delete(state.of);
    last.set(state.of, state);
    const [oldest] = last.keys();
    if (last.size > maxRemembered && oldest !== undefined) last.delete(oldest);
    return isNews ? line : { ...line, level: 'debug' };
  };
}
