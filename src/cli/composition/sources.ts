import { statSync } from 'node:fs';
import { ReconcileError } from '../../core/words/errors.ts';
import type { SourceDocuments } from '../../core/model/documents.ts';
import { createGitSource } from '../../source/git/source.ts';
import type { Declarations } from '../../ports/index.ts';
import type { Administration } from '../settings.ts';
import type { Session } from '../session.ts';
import { toolVersion } from '../version.ts';
import { gitFor } from './git.ts';

/**
 * All Git sources of the settings as one. A source that cannot be read is empty, incomplete, and says why: it changes
 * nothing, and the others go on.
 */
export function declarationsOfSources(
  session: Session,
  administration: Administration,
  stateDirectory: string,
): Declarations {
  const allowFileUrls = administration.settings.allowFileUrls ?? false;
  const git = gitFor(session, allowFileUrls);
  const stamp = buildStamp();
  return {
    load: async (signal) => {
      const sources = await Promise.all(
        administration.sources.map(async ({ name, spec }) => {
          const source = { name, spec, stateDirectory, git, allowFileUrls, stamp };
          try {
            const { sources: loaded } = await createGitSource(source).load(signal);
            return loaded;
          } catch (error) {
            if (!(error instanceof ReconcileError)) throw error;
            return [unread(name, error)];
          }
        }),
      );
      return { sources: sources.flat() };
    },
  };
}

/** Names this build: what another one has parsed is parsed again. */
function buildStamp(): string {
  const { size, mtimeMs } = statSync(import.meta.filename);
  return `${toolVersion} ${String(size)} ${String(mtimeMs)}`;
}

function unread(source: string, { message, nextStep, code }: ReconcileError): SourceDocuments {
  return {
    source,
    documents: [],
    invalid: [],
    complete: false,
    problems: [
      {
        rule: 'source-unavailable',
        severity: 'error',
        message: `source ${source} could not be read (${code}): ${message}`,
        ...(nextStep === undefined ? {} : { nextStep }),
      },
    ],
  };
}
