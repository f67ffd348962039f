import type { KnownPlatform } from '../core/snapshot/read.ts';
import { ReconcileError } from '../core/words/errors.ts';
import { type ProgramKey, programId, releaseId } from '../core/words/keys.ts';
import type { PlatformReader } from '../ports/index.ts';

/**
 * A platform as a snapshot file tells it. It can be read and never written, and nothing in it has a revision.
 *
 * What the file does not tell is not made up: versions and targets that nobody looked at are an error
 * (`PlatformRefused`), of their own program alone. A record that the file lacks counts as not there: the file says of
 * each program whether it is complete.
 */
export function createSnapshotReader(known: KnownPlatform): PlatformReader {
  const programs = new Map(known.programs.map((program) => [programId(program.key), program]));
  const inWorkspace = (workspace: string, ids: readonly string[] | undefined) =>
    known.programs.filter(
      ({ key }) => key.workspace === workspace && (ids?.includes(key.miniProgram) ?? true),
    );
  return {
    platform: async () => ({
      id: known.platform,
      emulator: known.emulator,
      // A file has no increments, whatever the platform could do.
      capabilities: { ...known.capabilities, increments: false },
      caller: { client: '', workspaces: [] },
    }),
    async *miniPrograms(workspace, ids) {
      yield {
        items: inWorkspace(workspace, ids).flatMap(({ miniProgram }) => miniProgram ?? []),
      };
    },
    async *releases({ workspace, miniPrograms, versions, statuses, cursor }) {
      if (cursor !== undefined)
        throw new ReconcileError('ListExpired', 'a snapshot lists no increments');
      yield {
        items: inWorkspace(workspace, miniPrograms)
          .flatMap(({ releases }) => releases)
          .filter(
            ({ key, status }) =>
              (versions?.includes(key.version) ?? true) && (statuses?.includes(status) ?? true),
          ),
      };
    },
    release: async (key) => {
      const id = releaseId(key);
      return programs
        .get(programId(key))
        ?.releases.find((release) => releaseId(release.key) === id);
    },
    versions: async (key) => told(key, 'versions', programs.get(programId(key))?.versions),
    targets: async (key) => told(key, 'targets', programs.get(programId(key))?.targets),
  };
}

function told<T>(
  key: ProgramKey,
  what: 'versions' | 'targets',
  found: readonly T[] | undefined,
): readonly T[] {
  if (found) return found;
  throw new ReconcileError(
    'PlatformRefused',
    `the snapshot does not tell the ${what} of ${key.workspace}/${key.miniProgram}`,
    { nextStep: 'take the snapshot again with these paths: fairlead snapshot PATH --out FILE' },
  );
}
