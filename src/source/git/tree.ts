import type { SourceFile, Refusal } from '../files.ts';
import {
  irregularRefusal,
  isDeclarationFile,
  maxFileBytes,
  refusedFile,
  sizeRefusal,
  symlinkRefusal,
} from '../files.ts';
import type { Git } from './run.ts';
import { isOid, type Oid, type TreePath } from './strings.ts';
import { ReconcileError } from '../../core/words/errors.ts';

/** A commit in a repository on disk. */
export interface CommitPlace {
  readonly directory: string;
  readonly commit: Oid;
  readonly deadlineMs: number;
  /** Of every call of git there. */
  readonly variables?: Readonly<Record<string, string>>;
}

export interface TreeEntry {
  readonly mode: string;
  readonly oid: Oid;
  /** Bytes; 0 for what is no blob. */
  readonly size: number;
  readonly path: string;
}

/** Bytes asked for by one `cat-file`; files larger than the limit of one file are not asked for. */
const batchBytes = 16 * 1024 * 1024;
/** All files of one source together: a process with a memory limit of 512 MiB can hold what they parse to. */
const most = { files: 40_000, bytes: 32 * 1024 * 1024 };

/**
 * The declaration files of a commit, without a checkout: blobs come from the object store.
 *
 * What is no regular, small, readable file is refused one by one; the others are read all the same.
 *
 * @param wanted  which paths count, beside being called `*.yaml` or `*.yml`
 * @throws ReconcileError `SourceUnavailable`
 */
export async function readTree(
  git: Git,
  place: CommitPlace & {
    readonly below: readonly TreePath[];
    readonly wanted: (path: string) => boolean;
  },
  signal: AbortSignal,
): Promise<readonly SourceFile[]> {
  const entries = (await listTree(git, place, signal)).filter(
    ({ path }) => isDeclarationFile(path) && place.wanted(path),
  );
  const judged = entries.map((entry) => ({ entry, refusal: refusalOf(entry) }));
  const refused = judged.flatMap(({ entry, refusal }) =>
    refusal ? [refusedFile(printable(entry.path), refusal)] : [],
  );
  const readable = judged.flatMap(({ entry, refusal }) => (refusal ? [] : [entry]));
  const read = await readBlobs(git, place, readable, signal);
  return [...refused, ...read];
}

async function listTree(
  git: Git,
  { commit, below, ...place }: CommitPlace & { readonly below: readonly TreePath[] },
  signal: AbortSignal,
): Promise<readonly TreeEntry[]> {
  const paths = below.includes('' as TreePath) ? [] : below;
  const args = [
    'ls-tree',
    '-r',
    '-z',
    '-l',
    '--full-tree',
    commit,
    ...(paths.length === 0 ? [] : ['--', ...paths]),
  ];
  const output = await git.text({ ...place, args }, signal);
  return output.split('\0').filter(Boolean).map(entryOf);
}

/** Whether a commit has anything at a path. @throws ReconcileError `SourceUnavailable` */
export async function isInTree(
  git: Git,
  { commit, path, ...place }: CommitPlace & { readonly path: TreePath },
  signal: AbortSignal,
): Promise<boolean> {
  if (path === '') return true;
  const { directory, deadlineMs, variables = {} } = place;
  const args = ['ls-tree', '-z', '--full-tree', commit, '--', path];
  return (await git.text({ directory, deadlineMs, variables, args }, signal)) !== '';
}

const line = /^(\d{6}) \w+ ([0-9a-f]+) +(\d+|-)\t([^]*)$/;

function entryOf(text: string): TreeEntry {
  const [, mode = '', id = '', size = '', path = ''] = line.exec(text) ?? [];
  if (!isOid(id))
    throw new ReconcileError('SourceUnavailable', 'git listed a tree in an unknown form');
  return { mode, oid: id, size: size === '-' ? 0 : Number(size), path };
}

function refusalOf({ mode, size, path }: TreeEntry): Refusal | undefined {
  if (mode === '120000') return symlinkRefusal;
  if (mode === '160000') return submoduleRefusal;
  if (mode !== '100644' && mode !== '100755' && mode !== '100664') return irregularRefusal;
  // git's output was read as UTF-8: what was none left this character behind.
  if (path.includes('\uFFFD')) return nameRefusal;
  return size > maxFileBytes ? sizeRefusal(size) : undefined;
}

const submoduleRefusal: Refusal = {
  rule: 'file-submodule',
  message: 'a submodule is not followed: it is another repository',
  nextStep: 'make it a GitSource of its own',
};

const nameRefusal: Refusal = {
  rule: 'file-name',
  message: 'the name of the file is not UTF-8',
  nextStep: 'rename the file',
};

const lfsRefusal: Refusal = {
  rule: 'file-lfs',
  message: 'the file is a Git LFS pointer; its content is not in the repository',
  nextStep: 'take the file out of LFS: declarations are small',
};

/** A name with control characters could forge lines of output. */
export function printable(path: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is replaced
  return path.replace(/[\0-\x1f\x7f-\x9f]/g, '\uFFFD');
}

async function readBlobs(
  git: Git,
  place: CommitPlace,
  entries: readonly TreeEntry[],
  signal: AbortSignal,
): Promise<readonly SourceFile[]> {
  refuseTooMuch(entries);
  const files: SourceFile[] = [];
  for (const batch of batchesOf(entries)) {
    const input = Buffer.from(batch.map((entry) => `${entry.oid}\n`).join(''));
    const { directory, deadlineMs, variables = {} } = place;
    const output = await git.objects({ directory, deadlineMs, variables, input }, signal);
    files.push(...cut(output, batch));
  }
  return files;
}

/** A source that is far too large would end the process, and with it every other source. */
function refuseTooMuch(entries: readonly TreeEntry[]): void {
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  if (entries.length <= most.files && bytes <= most.bytes) return;
  const mib = (count: number): number => Math.ceil(count / 1024 / 1024);
  throw new ReconcileError(
    'SourceUnavailable',
    `the source holds ${entries.length} files of ${mib(bytes)} MiB; at most ${most.files} of ${mib(most.bytes)} MiB together are read`,
    { nextStep: 'narrow path, include or exclude of the GitSource, or make several of it' },
  );
}

function batchesOf(entries: readonly TreeEntry[]): readonly (readonly TreeEntry[])[] {
  const batches: TreeEntry[][] = [];
  let room = 0;
  for (const entry of entries) {
    if (room < entry.size || batches.length === 0) {
      batches.push([]);
      room = Math.max(batchBytes, entry.size);
    }
    batches.at(-1)?.push(entry);
    room -= entry.size;
  }
  return batches;
}

/** Cuts `cat-file --batch` output: per object a line `OID blob SIZE`, its bytes, and a line end. */
function cut(output: Buffer, batch: readonly TreeEntry[]): readonly SourceFile[] {
  let offset = 0;
  return batch.map((entry) => {
    const end = output.indexOf('\n', offset);
    const head = output.subarray(offset, Math.max(end, offset)).toString('latin1');
    if (head !== `${entry.oid} blob ${entry.size}`) {
      throw new ReconcileError(
        'SourceUnavailable',
        `an object of the repository is missing or corrupt (${entry.oid})`,
      );
    }
    const bytes = output.subarray(end + 1, end + 1 + entry.size);
    offset = end + 1 + entry.size + 1;
    const file = printable(entry.path);
    return isLfsPointer(bytes)
      ? refusedFile(file, lfsRefusal)
      : { kind: 'bytes', file, bytes, blob: entry.oid };
  });
}

function isLfsPointer(bytes: Buffer): boolean {
  return (
    bytes.byteLength < 1024 &&
    bytes.toString('latin1', 0, 43) === 'version https://git-lfs.github.com/spec/v1\n'
  );
}
