import { isEnvironment } from '../core/words/environments.ts';
import {
  isReleaseKey,
  programId,
  releaseId,
  type ProgramId,
  type ProgramKey,
  type ReleaseId,
  type ReleaseKey,
} from '../core/words/keys.ts';

/** The line of text under which a record is kept. */
export function recordId(key: ProgramKey | ReleaseKey): ProgramId | ReleaseId {
  return isReleaseKey(key) ? releaseId(key) : programId(key);
}

/** What `recordId` was made of; undefined for any other text. */
export function keyOf(id: string): ProgramKey | ReleaseKey | undefined {
  const parts = id.split('/').map(decodeURIComponent);
  const [platform, workspace, miniProgram, version, app, environment] = parts;
  if (platform === undefined || workspace === undefined || miniProgram === undefined)
    return undefined;
  const program = { platform, workspace, miniProgram };
  if (parts.length === 3) return program;
  if (version === undefined || app === undefined || environment === undefined) return undefined;
  return isEnvironment(environment) ? { ...program, version, app, environment } : undefined;
}
