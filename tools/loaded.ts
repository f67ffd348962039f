import type { Metafile } from 'esbuild';

/** Kinds of import that load at once; `import()` loads when it is called. */
const immediate = new Set(['import-statement', 'require-call', 'require-resolve']);

/**
 * The output files that Node loads when it loads one of them: itself and everything it imports statically, sorted.
 *
 * @param output  a key of `metafile.outputs`
 */
export function staticChunks(metafile: Metafile, output: string): string[] {
  const found = new Set<string>();
  const waiting = [output];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const chunk = metafile.outputs[next];
    if (!chunk || found.has(next)) continue;
    found.add(next);
    waiting.push(
      ...chunk.imports
        .filter(({ kind, external }) => external !== true && immediate.has(kind))
        .map(({ path }) => path),
    );
  }
  return [...found].toSorted();
}

/**
 * The output whose entry point is a source file: the program's own, or what `import()` of that file loads.
 *
 * @param source  repository-relative, for example `src/cli/main.ts`
 * @throws        when no chunk starts there (nothing imports the file dynamically)
 */
export function outputOf(metafile: Metafile, source: string): string {
  const found = Object.entries(metafile.outputs).find(
    ([, { entryPoint }]) => entryPoint === source,
  );
  if (!found) throw new Error(`no chunk starts at ${source}`);
  return found[0];
}

/** What of packages and sources Node loads with these source files, each an entry point: repository-relative, sorted. */
export function loadedInputs(metafile: Metafile, ...sources: readonly string[]): string[] {
  const chunks = sources.flatMap((source) => staticChunks(metafile, outputOf(metafile, source)));
  const inputs = chunks.flatMap((chunk) => Object.keys(metafile.outputs[chunk]?.inputs ?? {}));
  return [...new Set(inputs)].toSorted();
}
