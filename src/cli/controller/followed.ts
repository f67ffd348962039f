import type { FollowedSource, SourceCommit } from '../../ports/controller.ts';
import { withinPath } from '../composition/encrypted-documents.ts';
import { followedSources } from '../composition/sources.ts';
import type { Session } from '../session.ts';
import type { Administration } from '../settings.ts';
import type { ControllerSurroundings } from './surroundings.ts';

/** The sources, and what they carry for the secret store. */
export interface Followed {
  readonly sources: readonly FollowedSource[];
  /** An encrypted document of the commit that is in force. */
  readonly encrypted: (source: string, file: string) => Uint8Array | undefined;
}

/** @throws ReconcileError `SettingsInvalid`  for a URL, ref, path or credential that is refused */
export function followAll(
  session: Session,
  administration: Administration,
  { stateDir, git }: Pick<ControllerSurroundings, 'stateDir' | 'git'>,
): Followed {
  const carried = new Map<string, SourceCommit['encrypted']>();
  const keep = (name: string, { encrypted }: SourceCommit): void => {
    carried.set(name, encrypted);
  };
  const sources = followedSources(session, administration, stateDir, git).map(
    (source): FollowedSource => ({
      ...source,
      async look(allowed, signal) {
        const look = await source.look(allowed, signal);
        if (look.kind === 'changed') keep(source.name, look.source);
        return look;
      },
      async restore(signal) {
        const kept = await source.restore(signal);
        if (kept) keep(source.name, kept);
        return kept;
      },
    }),
  );
  return {
    sources,
    encrypted: withinPath(administration.sources, (source, file) => {
      const documents = carried.get(source);
      return documents && Object.hasOwn(documents, file) ? documents[file] : undefined;
    }),
  };
}
