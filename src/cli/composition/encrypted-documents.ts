import { resolve, sep } from 'node:path';
import type { SourceDocuments } from '../../core/model/documents.ts';
import type { GitSource } from '../../core/kinds/git-source.ts';
import { ReconcileError } from '../../core/words/errors.ts';

/** Finds a source's own encrypted document by its path. @throws ReconcileError `SecretUnavailable` where it is not one */
export type FindEncrypted = (source: string, file: string) => Uint8Array | undefined;

/**
 * Encrypted documents of sources. One that was read from a repository is named by its path there; one that lies in
 * plain files by the end of where it lies, since the settings cannot know where a checkout is.
 */
export function encryptedIn(sources: readonly SourceDocuments[], cwd: string): FindEncrypted {
  return (name, file) => {
    const own = sources.filter(({ source }) => source === name);
    const found = own.flatMap(({ encrypted = {}, commit }) =>
      Object.entries(encrypted).filter(([path]) =>
        commit === undefined ? resolve(cwd, path).endsWith(wayTo(file)) : path === file,
      ),
    );
    if (found.length < 2) return found[0]?.[1];
    throw new ReconcileError(
      'SecretUnavailable',
      `PATH holds ${found.length} encrypted documents ${file}`,
      { nextStep: 'give one PATH that holds one of them' },
    );
  };
}

function wayTo(file: string): string {
  return sep + file.split('/').join(sep);
}

/** What lies outside the folder that a source reads cannot be found, and that is told. */
export function withinPath(
  sources: readonly { readonly name: string; readonly spec: Pick<GitSource['spec'], 'path'> }[],
  find: FindEncrypted,
): FindEncrypted {
  return (name, file) => {
    const path = sources.find((source) => source.name === name)?.spec.path ?? '';
    const folder = path.replace(/^(\.\/)+|\/+$/g, '');
    const found = find(name, file);
    if (found || folder === '' || folder === '.' || file.startsWith(`${folder}/`)) return found;
    throw new ReconcileError(
      'SecretUnavailable',
      `encrypted document ${file} lies outside path ${folder} of source ${name}`,
      {
        nextStep: `move it below ${folder}, and write file from the root of the repository: ${folder}/...`,
      },
    );
  };
}
