/*
 * What reading other pull requests may cost one review. Strangers open them, and everybody's review reads them: without a
 * limit one of them takes seconds from all.
 */

/** What is left for those that were not read yet. */
export interface OthersBudget {
  readonly bytes: number;
  /** Release keys beyond those that our own side declares. */
  readonly releases: number;
}

/** About a second together: a megabyte of YAML is parsed in half a second, 20,000 release keys are resolved in as much. */
export const allOthers: OthersBudget = { bytes: 1024 * 1024, releases: 20_000 };

/** An entry costs more than its bytes: it is listed, read and placed. */
const entryBytes = 256;

/** One file as `git diff-tree` tells it, with its size. */
export interface ChangedBlob {
  readonly id: string;
  readonly size: number;
}

/** What it takes to read what a branch changed, counted before any of it is read. */
export function costOf(blobs: readonly ChangedBlob[]): number {
  return blobs.reduce((sum, { size }) => sum + size + entryBytes, 0);
}
