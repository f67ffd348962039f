import type { DeclarationDiff } from '../core/diff/declaration-diff.ts';
import type { DesiredProgram } from '../core/model/desired.ts';
import type { ProgramFacts } from '../core/render/facts.ts';
import { programId, releaseId } from '../core/words/keys.ts';
import type { ComparedProgram } from './compare.ts';
import type { ProgramPair } from './pairs.ts';

/** What is known of a merge: what it leaves declared, and what the pull request has a part in. */
export interface Merged {
  readonly after: readonly DesiredProgram[];
  /** What the pull request changes. */
  readonly pairs: readonly ProgramPair[];
  /** Programs that were held against a platform. */
  readonly compared: readonly ComparedProgram[];
  readonly diff: DeclarationDiff;
}

/**
 * Declared targets that the pull request has no part in, and programs of which it changes nothing.
 *
 * Of a program that was not held against a platform, what the declarations say counts; where its global configuration
 * changes, nobody knows which of its records that reaches, and none is called untouched.
 */
export function untouchedOf({ after, pairs, compared, diff }: Merged): {
  readonly targets: number;
  readonly programs: number;
} {
  const touched = new Set([
    ...compared.flatMap(ofPlatform),
    ...diff.programs.flatMap(ofDeclarations),
  ]);
  const judged = new Set(compared.map(({ own }) => programId(own.plan.key)));
  const open = new Set(
    diff.programs
      .filter(({ key, global }) => global.length > 0 && !judged.has(programId(key)))
      .map(({ key }) => programId(key)),
  );
  const targets = after
    .filter(({ key }) => !open.has(programId(key)))
    .flatMap(({ releases }) => releases)
    .filter(({ key }) => !touched.has(releaseId(key))).length;
  const named = new Set(pairs.flatMap((pair) => (pair.after ? [programId(pair.after.key)] : [])));
  return { targets, programs: after.length - named.size };
}

function ofPlatform({ own, dropped }: ComparedProgram): readonly string[] {
  return [...idsIn(own), ...idsIn(dropped)];
}

function idsIn({ changes }: ProgramFacts): readonly string[] {
  return changes.flatMap(({ change, fields }) =>
    change.scope === 'release'
      ? [releaseId(change.key)]
      : fields.flatMap(({ field: { path } }) =>
          path === 'mark' ? [] : (change.reach[path] ?? []).map(releaseId),
        ),
  );
}

function ofDeclarations({ releases }: DeclarationDiff['programs'][number]): readonly string[] {
  return releases.map(({ key }) => releaseId(key));
}
