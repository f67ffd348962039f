import { systemClock } from '../src/cli/system.ts';
import { createHttpDriver } from '../src/platform/http/driver.ts';
import { createNodeTransport } from '../src/platform/http/transport.ts';
import { readPrivateKey, readPublicKey } from '../src/protocol/keys.ts';
import { createSigner, createVerifier } from '../src/protocol/signature.ts';
import { atMost, exactly, type Measure } from './measure.ts';
import { serve } from './process.ts';

const records = 100_000;
const pageSize = 1000;
/** 300 MB in MiB. */
const gateMiB = 286;

interface Ready {
  readonly url: string;
  readonly privateKey: string;
  readonly platformPublicKey: string;
}

/** The emulator serves 100,000 releases in pages of 1,000 within 300 MB: its own process, and nothing else in it. */
export const emulator: Measure = async () => {
  const { ready, ask, stop } = await serve<Ready>('serve-many.ts', [String(records)]);
  try {
    const { pages, ids } = await listAll(ready);
    const { maxRssMiB } = await ask<{ readonly maxRssMiB: number }>();
    const row = (what: string, value: number, unit: string) => ({ id: 'EMU', what, value, unit });
    return [
      exactly(records, row('releases listed, each once', ids, 'releases')),
      exactly(records / pageSize, row('pages they came in', pages, 'pages')),
      atMost(gateMiB, row('the emulator that served them, peak memory', maxRssMiB, 'MiB')),
    ];
  } finally {
    await stop();
  }
};

async function listAll({ url, privateKey, platformPublicKey }: Ready) {
  const platform = createHttpDriver({
    connection: { endpoint: url, clientId: 'fairlead-ci', platformId: 'emulator' },
    pageSize,
    transport: createNodeTransport(),
    signer: createSigner({
      privateKey: readPrivateKey(privateKey),
      keyVersion: 1,
      encoding: 'urlEncodedBase64',
    }),
    verifier: createVerifier(readPublicKey(platformPublicKey)),
    clock: systemClock,
    telemetry: { emit: () => undefined },
  });
  const ids = new Set<string>();
  let pages = 0;
  const { signal } = new AbortController();
  for await (const { items } of platform.releases({ workspace: 'acme' }, signal)) {
    pages += 1;
    for (const { id } of items) ids.add(id);
  }
  return { pages, ids: ids.size };
}
