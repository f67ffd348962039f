/**
 * Turns SIGINT and SIGTERM into an abort; a second signal ends the process at once.
 *
 * @returns the signal, and a function that stops listening
 */
export function listenForStop(): { readonly signal: AbortSignal; readonly done: () => void } {
  const controller = new AbortController();
  const stop = (name: 'SIGINT' | 'SIGTERM') => () => {
    if (controller.signal.aborted) process.exit(name === 'SIGINT' ? 130 : 143);
    controller.abort(name);
  };
  const onInterrupt = stop('SIGINT');
  const onTerminate = stop('SIGTERM');
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return {
    signal: controller.signal,
    done: () => {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    },
  };
}

/** For what is said last, and what was said, to be written. */
const lastWordsMs = 100;

/** Ends the process although something is still under way; whatever ends by itself ends it before. */
export function leaveSoon(code: number): void {
  setTimeout(() => process.exit(code), lastWordsMs).unref();
}
