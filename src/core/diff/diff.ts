import type { DesiredGlobal, DesiredProgram, DesiredRelease } from '../model/desired.ts';
import { programId, releaseId } from '../words/keys.ts';
import type { Locate } from '../words/places.ts';
import type {
  DeclarationDiff,
  DiffedGlobal,
  DiffedProgram,
  DiffedRelease,
  DiffWord,
} from './declaration-diff.ts';
import { diffEntries, type Locates } from './entries.ts';
import { type Pair, paired, wordOf } from './pairs.ts';

export type * from './declaration-diff.ts';

/** Declarations as resolved at one commit, and how to find their lines there. */
export interface DiffSide {
  readonly programs: readonly DesiredProgram[];
  readonly locate: Locate;
}

/** What a change of the declarations means: per program, release and field, with the lines of both sides. */
export function diff(before: DiffSide, after: DiffSide): DeclarationDiff {
  const pairs = paired(before.programs, after.programs, ({ key }) => programId(key));
  const programs = pairs.flatMap((pair) =>
    diffPrograms(pair, { before: before.locate, after: after.locate }),
  );
  const releases = programs.flatMap((program) => program.releases);
  const count = (word: DiffWord): number => releases.filter(({ change }) => change === word).length;
  return {
    formatVersion: 1,
    kind: 'DeclarationDiff',
    summary: {
      programs: programs.length,
      added: count('added'),
      removed: count('removed'),
      changed: count('changed'),
      global: programs.filter(({ global }) => global.length > 0).length,
    },
    programs,
  };
}

function diffPrograms(pair: Pair<DesiredProgram>, locates: Locates): DiffedProgram[] {
  const { before, after } = pair;
  const program = after ?? before;
  if (program === undefined || before?.digest === after?.digest) return [];
  const releases = paired(
    allReleases(before),
    allReleases(after),
    ({ key, source }) => `${releaseId(key)}\n${source}`,
  );
  const globals = paired(allGlobals(before), allGlobals(after), ({ source }) => source);
  const { key, connection, names } = program;
  return [
    {
      ...{ key, connection, names, change: wordOf(pair) },
      global: globals.flatMap((one) => diffGlobals(key, one, locates)),
      releases: releases.flatMap((one) => diffReleases(one, locates)),
    },
  ];
}

function allReleases(program: DesiredProgram | undefined): readonly DesiredRelease[] {
  return (program?.releases ?? []).flatMap((release) => [release, ...(release.rivals ?? [])]);
}

function allGlobals(program: DesiredProgram | undefined): readonly DesiredGlobal[] {
  const global = program?.global;
  return global === undefined ? [] : [global, ...(global.rivals ?? [])];
}

function diffReleases(pair: Pair<DesiredRelease>, locates: Locates): DiffedRelease[] {
  const release = pair.after ?? pair.before;
  const entry = diffEntries(pair, locates);
  return release === undefined || entry === undefined
    ? []
    : [{ key: release.key, name: release.name, ...entry }];
}

function diffGlobals(
  key: DesiredProgram['key'],
  pair: Pair<DesiredGlobal>,
  locates: Locates,
): DiffedGlobal[] {
  const entry = diffEntries(pair, locates);
  return entry === undefined ? [] : [{ key, ...entry }];
}
