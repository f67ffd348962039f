import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommitInfo } from '../../core/model/controller.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import { epochMs, type EpochMs } from '../../core/words/time.ts';
import { inMirror, type Mirror } from './mirror.ts';
import { isOid, type Oid } from './strings.ts';
import { printable } from './tree.ts';

/** A commit whose time is known. */
export interface DatedCommit extends CommitInfo {
  readonly at: EpochMs;
}

/** id, author, committer's time, subject: no field can hold the NUL between them. */
const format = '%H%x00%an <%ae>%x00%ct%x00%s%x00';

/** @throws ReconcileError `SourceUnavailable` */
export async function commitInfo(
  mirror: Mirror,
  id: Oid,
  signal: AbortSignal,
): Promise<DatedCommit> {
  const args = ['log', '--max-count=1', '--no-show-signature', `--format=${format}`, id, '--'];
  const info = infoOf((await inMirror(mirror, args, signal)).split('\0'));
  if (info) return info;
  throw new ReconcileError('SourceUnavailable', 'git described the commit in an unknown form');
}

function infoOf([id = '', author = '', seconds = '', subject = '']: readonly string[]):
  DatedCommit | undefined {
  const time = Number(seconds);
  if (!isOid(id) || seconds === '' || !Number.isSafeInteger(time)) return undefined;
  return { id, author: line(author), subject: line(subject), at: epochMs(time * 1000) };
}

/** What people wrote, as one short line. */
function line(text: string): string {
  const plain = printable(text).trim();
  return plain.length > 200 ? `${plain.slice(0, 199)}…` : plain;
}

/** More commits than these between two looks are not told apart file by file. */
const maxCommits = 2000;

export interface ChangedFiles {
  /** By file, the newest commit that changed it; files that the head itself changed are left out. */
  readonly changedBy: Readonly<Record<string, CommitInfo>>;
  /** Commits whose parents the mirror does not hold: what came before them is not told. */
  readonly cut: readonly Oid[];
}

/**
 * Who changed the files that differ between two commits, of the commits that only `head` follows.
 *
 * @throws ReconcileError `SourceUnavailable`
 */
export async function changedSince(
  mirror: Mirror,
  { base, head }: { readonly base: Oid; readonly head: Oid },
  signal: AbortSignal,
): Promise<ChangedFiles> {
  const fields = ['-z', '--no-renames', '--name-only'];
  const differ = ['diff-tree', '-r', ...fields, base, head, '--'];
  const different = new Set(
    (await inMirror(mirror, differ, signal)).split('\0').map((name) => printable(name)),
  );
  const options = ['-c', '--date-order', '--no-show-signature', `--max-count=${maxCommits}`];
  const range = [`--format=%x01${format}`, head, `^${base}`, '--'];
  const output = await inMirror(mirror, ['log', ...fields, ...options, ...range], signal);
  const ends = await cutCommits(mirror);
  const records = recordsOf(output);
  const newest = new Map<string, CommitInfo>();
  for (const { info, files } of records) {
    // With its parents out of sight a commit seems to have made every file.
    if (ends.has(info.id)) continue;
    for (const file of files) if (different.has(file) && !newest.has(file)) newest.set(file, info);
  }
  return {
    changedBy: Object.fromEntries([...newest].filter(([, { id }]) => id !== head)),
    cut: records.flatMap(({ info: { id } }) => (isOid(id) && ends.has(id) ? [id] : [])),
  };
}

/** Commits at which the mirror's history ends although the repository's does not. */
export async function cutCommits({ directory }: Mirror): Promise<ReadonlySet<string>> {
  const text = await readFile(join(directory, 'shallow'), 'latin1').catch(() => '');
  return new Set(text.split('\n').filter(Boolean));
}

interface CommitRecord {
  readonly info: CommitInfo;
  readonly files: readonly string[];
}

/** Each record: a mark, four fields, then names; all end with NUL, and the first name has a line end before it. */
function recordsOf(output: string): readonly CommitRecord[] {
  const records: { info: CommitInfo; files: string[] }[] = [];
  const tokens = output.split('\0');
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] ?? '';
    const id = token.startsWith('\u0001') ? token.slice(1) : '';
    const info = isOid(id) ? infoOf([id, ...tokens.slice(at + 1, at + 4)]) : undefined;
    if (info) {
      records.push({ info, files: [] });
      at += 3;
    } else {
      const name = token.replace(/^\n/, '');
      if (name !== '') records.at(-1)?.files.push(printable(name));
    }
  }
  return records;
}

/** The parents that the commit itself names, whether the mirror holds them or not. */
export async function parentsOf(
  mirror: Mirror,
  id: Oid,
  signal: AbortSignal,
): Promise<readonly Oid[]> {
  const text = await inMirror(mirror, ['cat-file', 'commit', id], signal);
  const [head = ''] = text.split('\n\n', 1);
  return head.split('\n').flatMap((each) => {
    const parent = /^parent ([0-9a-f]+)$/.exec(each)?.[1] ?? '';
    return isOid(parent) ? [parent] : [];
  });
}
