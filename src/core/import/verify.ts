import type { DesiredProgram, Resolved } from '../model/desired.ts';
import { plainFiles } from '../resolve/trust.ts';
import { resolve } from '../resolve/resolve.ts';
import { canonicalJson } from '../words/digests.ts';
import { pathsOf } from '../words/fields.ts';
import { type ReleaseId, releaseId } from '../words/keys.ts';
import type { Problem } from '../words/problems.ts';
import { createLocate } from '../yaml/locate.ts';
import { parseFile } from '../yaml/parse.ts';
import type { Frame } from './documents.ts';
import type { Values, Wanted } from './wanted.ts';

interface File {
  readonly path: string;
  readonly text: string;
}

/** Whatever the files, read as every command reads them, would declare otherwise than wanted; empty if nothing. */
export function differences(
  files: readonly File[],
  frame: Frame,
  wanted: readonly Wanted[],
): Problem[] {
  const parsed = files.map(({ path, text }) =>
    parseFile(
      { source: plainFiles, file: path, bytes: new TextEncoder().encode(text) },
      'declarations',
    ),
  );
  const documents = parsed.flatMap((each) => each.documents);
  const invalid = parsed.flatMap((each) => each.invalid);
  const locate = createLocate([...documents, ...invalid]);
  const source = { source: plainFiles, documents, invalid, problems: [], complete: true };
  const platform = { platformId: frame.program.key.platform };
  const trust = { connections: { [frame.connection]: platform }, order: [] };
  const { programs, problems } = resolve([source], trust, locate);
  return [
    ...parsed.flatMap((each) => each.problems),
    ...problems,
    ...(programs.length === 1
      ? programs.flatMap((program) => compare(program, frame, wanted))
      : [unequal('the program')]),
  ];
}

function compare(program: DesiredProgram, frame: Frame, wanted: readonly Wanted[]): Problem[] {
  const declared = new Map(program.releases.map((release) => [releaseId(release.key), release]));
  const expected = new Map<ReleaseId, Values>(
    wanted.map(({ key, values }) => [releaseId(key), values]),
  );
  const all = [...new Set([...declared.keys(), ...expected.keys()])];
  const releases = all.filter((id) => {
    const release = declared.get(id);
    const values = expected.get(id);
    return (
      release === undefined ||
      values === undefined ||
      release.barrier !== undefined ||
      !isEqual(release.config, values)
    );
  });
  const global = isEqual(program.global?.config ?? {}, frame.global)
    ? []
    : ['the global configuration'];
  return [...global, ...releases].map(unequal);
}

function isEqual(config: Resolved, values: Values): boolean {
  const paths = pathsOf(config, values);
  return paths.every(
    (path) => canonicalJson(config[path]?.value ?? null) === canonicalJson(values[path] ?? null),
  );
}

function unequal(what: string): Problem {
  return {
    rule: 'import-differs',
    severity: 'error',
    message: `What would be written for ${what} is not what the platform holds`,
    nextStep: 'Nothing was written. Please report it, with the kinds of values this program has.',
  };
}
