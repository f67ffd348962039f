import { type ChangedBlob, costOf } from '../../review/others-budget.ts';
import { isDeclarationFile } from '../../source/files.ts';
import type { Oid } from '../../source/git/strings.ts';
import { type Checkout, deadlineMs, inCheckout } from './review-merge.ts';

/**
 * What it takes to read the declarations that differ between two commits, told by their names and sizes alone.
 *
 * @param paths  as the tree of a commit knows them; none is everything
 * @returns undefined where no declaration differs
 * @throws ReconcileError `SourceUnavailable`
 */
export async function costBetween(
  checkout: Checkout,
  [older, newer]: readonly [Oid, Oid],
  paths: readonly string[],
): Promise<number | undefined> {
  const below = paths.includes('') ? [] : paths;
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', older, newer];
  const output = await inCheckout(checkout, [...args, '--', ...below]);
  const changed = changesOf(output).filter(({ path }) => isDeclarationFile(path));
  return changed.length === 0 ? undefined : costOf(await blobsOf(checkout, changed));
}

interface Change {
  readonly path: string;
  /** Of what is there afterwards; all zeros where nothing is. */
  readonly id: string;
}

/** Pairs of `:MODE MODE ID ID STATUS` and a path. */
function changesOf(output: string): readonly Change[] {
  const parts = output.split('\0');
  return parts.flatMap((part, i) => {
    const id = /^:\d+ \d+ [0-9a-f]+ ([0-9a-f]+) [A-Z]/.exec(i % 2 === 0 ? part : '')?.[1];
    return id === undefined ? [] : [{ id, path: parts[i + 1] ?? '' }];
  });
}

/** With their sizes; what is gone, or no blob, has none. */
async function blobsOf(
  { git, directory, variables = {}, signal }: Checkout,
  changed: readonly Change[],
): Promise<readonly ChangedBlob[]> {
  const ids = changed.map(({ id }) => id).filter((id) => !/^0+$/.test(id));
  if (ids.length === 0) return [];
  const input = Buffer.from(ids.map((id) => `${id}\n`).join(''));
  const args = ['cat-file', '--batch-check=%(objectname) %(objectsize)'];
  const output = await git.text({ directory, args, deadlineMs, variables, input }, signal);
  return output.split('\n').flatMap((line) => {
    const [, id, size] = /^([0-9a-f]+) (\d+)$/.exec(line) ?? [];
    return id === undefined ? [] : [{ id, size: Number(size) }];
  });
}
