import ts from 'typescript';

import { isWithin, refusal, targetOf, unreachable } from './arrows.ts';

/** Repository-relative path to text. */
export type FileMap = ReadonlyMap<string, string>;

export interface ArrowViolation {
  readonly file: string;
  readonly specifier: string;
  readonly message: string;
}

interface Import {
  readonly file: string;
  readonly specifier: string;
}

function importsOf(file: string, text: string): Import[] {
  const { importedFiles } = ts.preProcessFile(text, true, true);
  return importedFiles.map(({ fileName }) => ({ file, specifier: fileName }));
}

/** Every import the table of arrows refuses, direct ones first, then chains that must not exist. */
export function checkArrows(files: FileMap): ArrowViolation[] {
  const imports = [...files].flatMap(([file, text]) => importsOf(file, text));
  const direct = imports.flatMap((found) => {
    const message = refusal(found.file, found.specifier);
    return message === undefined ? [] : [{ ...found, message }];
  });
  return [...direct, ...checkChains(imports)];
}

function checkChains(imports: readonly Import[]): ArrowViolation[] {
  const next = new Map<string, string[]>();
  for (const { file, specifier } of imports) {
    const target = targetOf(file, specifier);
    if (target !== undefined) next.set(file, [...(next.get(file) ?? []), target]);
  }
  return unreachable.flatMap(({ from, to, why }) =>
    [...next.keys()]
      .filter((file) => isIn(file, from))
      .flatMap((file) => {
        const chain = findChain(file, to, next);
        return chain
          ? [{ file, specifier: chain.at(-1) ?? to, message: `${chain.join(' -> ')}: ${why}` }]
          : [];
      }),
  );
}

function isIn(file: string, area: string): boolean {
  return isWithin(file.replace(/\.[cm]?[jt]s$/, ''), `src/${area}`);
}

/** The shortest chain of imports from a file into an area. */
function findChain(
  start: string,
  area: string,
  next: ReadonlyMap<string, readonly string[]>,
): string[] | undefined {
  const seen = new Set([start]);
  const queue = [[start]];
  for (let chain = queue.shift(); chain; chain = queue.shift()) {
    const last = chain.at(-1) ?? start;
    if (isIn(last, area)) return chain;
    for (const target of next.get(last) ?? []) {
      if (seen.has(target)) continue;
      seen.add(target);
      queue.push([...chain, target]);
    }
  }
  return undefined;
}
