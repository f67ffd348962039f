import { resolve } from 'node:path';
import { plural } from '../../core/render/sentence.ts';
import { lookAtSources } from '../composition/sources.ts';
import type { Session } from '../session.ts';
import type { Administration } from '../settings.ts';
import { inArea, type Finding } from './finding.ts';

/** Whether each Git source can be read, and whether it declares anything: it is read as `run` would read it. */
export async function checkSources(
  session: Session,
  administration: Administration,
  stateDir: string,
): Promise<readonly Finding[]> {
  const state = resolve(stateDir);
  const { documents: sources } = await lookAtSources(session, administration, state, new Set());
  return sources.map(({ source, complete, commit, documents, invalid, problems }) => {
    const finding = inArea(`source ${source}`);
    if (!complete) {
      const [first] = problems;
      return finding('source-read', 'fail', first?.message ?? 'it cannot be read', first?.nextStep);
    }
    const count = documents.length + invalid.length;
    const at = `commit ${commit?.slice(0, 12) ?? 'unknown'}`;
    if (count === 0) {
      const next = 'see ref, path, include and exclude of the GitSource';
      return finding('source-read', 'warn', `${at} declares nothing`, next);
    }
    return finding('source-read', 'ok', `${at} declares ${plural(count, 'document')}`);
  });
}
