interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/**
 * Keeps a stream that can no longer be written from ending the process: who left early (`| head -1`) must not break off
 * a write to the platform, and a command's own exit code stands. Every other failure of stdout is one of the command.
 *
 * @returns waits until stdout took everything; what is wrong with it, in words, or undefined
 */
export function watchStreams({ stdout, stderr }: Streams): () => Promise<string | undefined> {
  let failure: string | undefined;
  stdout.on('error', ({ code = 'unknown' }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') return;
    failure ??= code === 'ENOSPC' ? 'the disk is full' : code;
  });
  stderr.on('error', () => undefined);
  return async () => {
    await new Promise<void>((resolve) => {
      stdout.write('', () => {
        resolve();
      });
    });
    // The event of a failed write comes after its callback.
    await new Promise((resolve) => setImmediate(resolve));
    return failure;
  };
}
