import type { FieldPath } from '../core/words/fields.ts';
import type { ProgramId, ReleaseId } from '../core/words/keys.ts';
import type { EpochMs } from '../core/words/time.ts';

/** One field that was written. */
export interface WrittenField {
  readonly program: ProgramId;
  /** The release's, or the program's for its global configuration. */
  readonly key: ReleaseId | ProgramId;
  readonly path: FieldPath;
  /** What it was given, in any text that tells values apart. */
  readonly value: string;
  readonly at: EpochMs;
  /** It had been changed by somebody else, as its base says. */
  readonly isDrift: boolean;
}

export interface PutBacks {
  /**
   * Remembers a write. The value we gave last, given again, was put back: whoever overwrote it, a person or another
   * controller of the same installation, whose marks are as good as ours.
   */
  wroteField(field: WrittenField): void;
  /** Fields put back so often within the last hour that somebody else clearly disagrees, by key. */
  contended(program: ProgramId, now: EpochMs): Readonly<Record<string, readonly FieldPath[]>>;
}

/** docs/reference/semantics.md 2: three times in an hour. */
const contendedAfter = 3;
const contendedWithinMs = 3_600_000;

interface Kept {
  readonly value: string;
  readonly at: EpochMs;
  /** When it was put back, within the last hour. */
  readonly times: readonly EpochMs[];
}

export function createPutBacks(): PutBacks {
  const programs = new Map<ProgramId, Map<string, Kept & Pick<WrittenField, 'key' | 'path'>>>();

  /** What is older than an hour means nothing any more. */
  function forget(program: ProgramId, now: EpochMs): void {
    const fields = programs.get(program);
    for (const [name, { at }] of fields ?? []) if (!isRecent(at, now)) fields?.delete(name);
    if (fields?.size === 0) programs.delete(program);
  }

  return {
    wroteField({ program, key, path, value, at, isDrift }) {
      const fields = programs.get(program) ?? new Map<string, never>();
      const name = `${key} ${path}`;
      const before = fields.get(name);
      const isAgain = before?.value === value && isRecent(before.at, at);
      const earlier = (before?.times ?? []).filter((time) => isRecent(time, at));
      const times = isDrift || isAgain ? [...earlier, at] : earlier;
      programs.set(program, fields.set(name, { key, path, value, at, times }));
    },
    contended(program, now) {
      forget(program, now);
      const often = [...(programs.get(program)?.values() ?? [])].filter(
        ({ times }) => times.filter((time) => isRecent(time, now)).length >= contendedAfter,
      );
      const byKey = Map.groupBy(often, ({ key }) => key);
      return Object.fromEntries(
        [...byKey].map(([key, fields]) => [key, fields.map(({ path }) => path)]),
      );
    },
  };
}

function isRecent(time: EpochMs, now: EpochMs): boolean {
  return time > now - contendedWithinMs;
}
