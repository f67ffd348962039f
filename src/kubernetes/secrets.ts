import { Buffer } from 'node:buffer';

import type { SecretReader } from '../ports/cluster.ts';
import type { Api } from './api.ts';
import { failureOf, isObjectMissing } from './failure.ts';
import { field, text, texts } from './raw.ts';
import { collectionPath, secrets } from './resources.ts';

/** The owner of a Secret says with them what Fairlead may use it for, and at which Git server. */
const useLabel = 'fairlead.dev/use';
const gitHostAnnotation = 'fairlead.dev/git-host';

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
      const use = texts(field(metadata, 'labels'))[useLabel];
      const gitHost = texts(field(metadata, 'annotations'))[gitHostAnnotation];
      const data = Object.entries(texts(field(answer.body, 'data')));
      return {
        ...(use === undefined ? {} : { use }),
        ...(gitHost === undefined ? {} : { gitHost }),
        data: Object.fromEntries(data.map(([key, value]) => [key, Buffer.from(value, 'base64')])),
        resourceVersion: text(field(metadata, 'resourceVersion')) ?? '',
      };
    },
  };
}
