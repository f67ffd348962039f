import { Buffer } from 'node:buffer';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import type { PullRequest } from '../../ports/forge.ts';
import type { GithubRepository } from './github-repository.ts';

const compressed = promisify(gzip);

/** @see https://docs.github.com/en/rest/code-scanning/code-scanning (gzip, then base64) */
export async function githubUploadSarif(
  { ask, url }: GithubRepository,
  pull: PullRequest,
  sarif: string,
  signal: AbortSignal,
): Promise<'uploaded'> {
  const packed = await compressed(Buffer.from(sarif));
  await ask(
    {
      method: 'POST',
      url: `${url}/code-scanning/sarifs`,
      body: {
        commit_sha: pull.head.commit,
        ref: pull.fetchRef,
        sarif: packed.toString('base64'),
        tool_name: 'Fairlead',
      },
      what: 'upload SARIF',
      needs: 'Code scanning alerts: write (security-events), with code scanning enabled',
      // The same file for the same commit replaces itself.
      repeat: 'always',
    },
    signal,
  );
  return 'uploaded';
}
