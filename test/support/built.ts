import type { Metafile } from 'esbuild';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    build:
      | { readonly ok: true; readonly cli: string; readonly metafile: Metafile }
      | { readonly ok: false; readonly message: string };
  }
}

/**
 * The program as people get it, in integration tests: the launcher's path, for `spawn(process.execPath, [cli, ...])`,
 * and esbuild's account for `tools/loaded.ts`.
 *
 * @throws  what the build said, in the test that needs it only
 */
export function built(): { readonly cli: string; readonly metafile: Metafile } {
  const build = inject('build');
  if (!build.ok) throw new Error(`the program does not build: ${build.message}`);
  return build;
}
