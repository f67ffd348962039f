import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { expect, it } from 'vitest';

import { readPrivateKey } from '../../src/protocol/keys.ts';
import { createSigner } from '../../src/protocol/signature.ts';
import { rawClient } from '../chaos/raw-client.ts';

const program = fileURLToPath(new URL('../support/big-world-process.ts', import.meta.url));
const releases = 100_000;

it('lists 100,000 releases in pages of 1,000, each once, within 300 MB', async () => {
  const child = spawn(process.execPath, [program, String(releases)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const [ready] = await once(lines, 'line');
  const { url, privateKey } = JSON.parse(String(ready)) as { url: string; privateKey: string };
  const signer = createSigner({
    privateKey: readPrivateKey(privateKey),
    ...{ keyVersion: 1, encoding: 'base64url' },
  });
  const client = rawClient(Number(new URL(url).port), signer, 'fairlead-ci');
  const seen = new Set<string>();
  let pages = 0;
  let pageToken: string | undefined;

  do {
    const body = { workspace: 'acme', pageSize: 1000, ...(pageToken && { pageToken }) };
    const page = await client.send({ operation: 'listReleases', body, pace: 'whole' });
    for (const { id } of page?.releases ?? []) seen.add(id);
    pages += 1;
    pageToken = page?.nextPageToken;
  } while (pageToken);
  child.stdin.write('memory\n');
  const [memory] = await once(lines, 'line');
  client.close();
  child.kill('SIGKILL');

  const { peakMiB } = JSON.parse(String(memory)) as { peakMiB: number };
  console.log(JSON.stringify({ releases, pages, peakMiB: Math.round(peakMiB) }));
  expect([seen.size, pages]).toEqual([releases, 100]);
  expect(peakMiB * 1.048576).toBeLessThan(300);
});
