import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../src/cli/system.ts';
import { createExchange } from '../src/platform/http/exchange.ts';
import { createNodeTransport } from '../src/platform/http/transport.ts';
import { readPrivateKey, readPublicKey } from '../src/protocol/keys.ts';
import { createSigner, createVerifier } from '../src/protocol/signature.ts';
import { workspace } from './town.ts';

/** What no reader can do without: fetches every page of the town, verifies its signature and parses its JSON. */
export async function createBareLists(
  folder: string,
  endpoint: string,
): Promise<() => Promise<void>> {
  const [privateKey, publicKey] = await Promise.all(
    ['client.pem', 'platform.pem'].map((name) => readFile(join(folder, name), 'utf8')),
  );
  const exchange = createExchange(
    { endpoint, clientId: 'fairlead-ci' },
    {
      transport: createNodeTransport(),
      signer: createSigner({
        privateKey: readPrivateKey(privateKey ?? ''),
        keyVersion: 1,
        encoding: 'urlEncodedBase64',
      }),
      verifier: createVerifier(readPublicKey(publicKey ?? '')),
      clock: systemClock,
      telemetry: { emit: () => undefined },
    },
  );
  const { signal } = new AbortController();
  return async () => {
    let pageToken: string | undefined;
    do {
      const request = { workspace, pageSize: 1000, ...(pageToken !== undefined && { pageToken }) };
      const { body } = await exchange('listReleases', request, signal);
      pageToken = (body as { readonly nextPageToken?: string }).nextPageToken;
    } while (pageToken !== undefined);
  };
}
