import { lookup as resolveName, type LookupAddress } from 'node:dns';
import { Agent as HttpAgent, type ClientRequest, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { getCACertificates } from 'node:tls';

import { ReconcileError } from '../../core/words/errors.ts';
import type { Transport, WireRequest } from '../../ports/index.ts';
import { isForbidden, isLoopback } from './addresses.ts';
import { exchangeOnce } from './http-exchange.ts';

export interface NodeTransportOptions {
  /** Extra certificate authorities, PEM. */
  readonly ca?: readonly string[];
  /** How names become addresses; the system's by default. */
  readonly lookup?: typeof resolveName;
  /** What https goes through; absent: nothing, whatever the environment says. */
  readonly proxy?: HttpsProxy;
}

export interface HttpsProxy {
  /** Address of the proxy, with its credentials if it wants some. */
  readonly HTTPS_PROXY: string;
  /** Hosts that are reached without it, in the form of the variable of this name. */
  readonly NO_PROXY?: string;
}

export interface NodeTransport extends Transport {
  /** Closes idle connections and breaks the others. */
  close(): void;
}

/**
 * Shorter than the five seconds after which common servers drop an idle connection: a request that meets a closing
 * connection would have an unknown outcome for nothing.
 */
const idleMs = 3_000;

/**
 * HTTP over node:http and node:https: keep-alive, one total deadline, no redirects, no retries, no proxy but
 * the one that is given. https only, unless the address is of this machine; never to a link-local or metadata address,
 * judged after the name is resolved.
 */
export function createNodeTransport(options: NodeTransportOptions = {}): NodeTransport {
  const lookup = guardedLookup(options.lookup ?? resolveName, isForbidden);
  const localLookup = guardedLookup(options.lookup ?? resolveName, (ip) => !isLoopback(ip));
  const http = new HttpAgent({ keepAlive: true, timeout: idleMs });
  const https = new HttpsAgent({
    keepAlive: true,
    timeout: idleMs,
    ...(options.ca ? { ca: [...getCACertificates('default'), ...options.ca] } : {}),
    ...(options.proxy ? { proxyEnv: { ...options.proxy } } : {}),
  });
  return {
    send: async (request, signal) => {
      signal.throwIfAborted();
      const url = checkedUrl(request.url);
      const common = { method: request.method, headers: outgoingHeaders(request) };
      const sent = written(() =>
        url.protocol === 'https:'
          ? httpsRequest(url, { ...common, agent: https, lookup })
          : httpRequest(url, { ...common, agent: http, lookup: localLookup }),
      );
      return exchangeOnce(sent, request, signal);
    },
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}

/** @throws ReconcileError `SettingsInvalid` for an address that must not be asked, whatever it answers */
function checkedUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw refused('the endpoint is not a URL');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isLocal = isLoopback(host) || host === 'localhost' || host.endsWith('.localhost');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal))
    throw refused('https is required, except to this machine');
  if (isForbidden(host)) throw refused('link-local and metadata addresses are never asked');
  if (url.username !== '' || url.password !== '') throw refused('a URL holds no credentials');
  return url;
}

/** Node refuses at once what would break the form of a message, such as a line feed in a header. */
function written(open: () => ClientRequest): ClientRequest {
  try {
    return open();
  } catch {
    throw refused('a header of the request has characters that HTTP does not know');
  }
}

function refused(why: string): ReconcileError {
  return new ReconcileError('SettingsInvalid', why, {
    nextStep: 'see endpoint and clientId of the connection',
  });
}

function outgoingHeaders({ headers, body }: WireRequest): Record<string, string> {
  // Signatures stand for the bytes as they come.
  const plain = { ...headers, 'Accept-Encoding': 'identity' };
  if (body === undefined) return plain;
  return { ...plain, 'Content-Length': String(Buffer.byteLength(body)) };
}

/** Resolves a name and refuses it if one of its addresses is not to be asked. */
function guardedLookup(
  resolve: typeof resolveName,
  refuses: (ip: string) => boolean,
): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, found) => {
      const addresses: readonly LookupAddress[] = error ? [] : found;
      const [first] = addresses;
      if (error ?? first === undefined) {
        callback(error ?? new Error('no address'), '', 0);
      } else if (addresses.some(({ address }) => refuses(address))) {
        callback(Object.assign(new Error('address refused'), { code: 'ADDRESS_REFUSED' }), '', 0);
      } else if (options.all) {
        callback(null, [...addresses]);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}
