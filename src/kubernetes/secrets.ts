import { Buffer } from 'node:buffer';

import type { SecretReader } from '../ports/cluster.ts';
import type { Api } from './api.ts';
import { failureOf, isObjectMissing } from './failure.ts';
import { field, text, texts } from './raw.ts';
import { collectionPath, secrets } from './resources.ts';

/** The owner of a Secret says with it that Fairlead may read it. */
const useLabel = 'fairlead.dev/use';

const timeoutMs = 15_000;
/** A Secret holds at most 1 MiB, in base64. */
const maxBytes = 4 * 1024 * 1024;

/** Reads by name and remembers nothing. */
export function createSecretReader(api: Api): SecretReader {
  return {
    async secret(namespace, name, signal) {
      const path = `${collectionPath(secrets, namespace)}/${encodeURIComponent(name)}`;
      const answer = await api.send({ method: 'GET', path, timeoutMs, maxBytes }, signal);
      if (isObjectMissing(answer)) return undefined;
      if (answer.status !== 200)
        throw failureOf(answer, { verb: 'get', resource: secrets, namespace, name });
      const metadata = field(answer.body, 'metadata');
      const data = Object.entries(texts(field(answer.body, 'data')));
      return {
        isOurs: texts(field(metadata, 'labels'))[useLabel] === 'true',
        data: Object.fromEntries(data.map(([key, value]) => [key, Buffer.from(value, 'base64')])),
        resourceVersion: text(field(metadata, 'resourceVersion')) ?? '',
      };
    },
  };
}
