import type { Environment } from '../../src/core/words/environments.ts';
import type { Status } from '../../src/core/words/statuses.ts';

/** What the private API keeps for a release, or as the defaults of a program. It is read and replaced as a whole. */
export interface Settings {
  readonly clientId?: string;
  readonly merchantId?: string;
  readonly serverDomains?: string[];
  readonly wapUrls?: string[];
  readonly testers?: string[];
  readonly variables: Readonly<Record<string, string>>;
}

/** `GET /programs` lists them; `GET` and `PUT /programs/ID/defaults`; `GET /programs/ID/versions`. */
export interface PrivateProgram {
  readonly id: string;
  readonly title: string;
  readonly changes: number;
  readonly defaults: Settings;
}

/** `GET` and `POST /releases`; `GET` and `PUT /releases/ID/settings`. */
export interface PrivateRelease {
  readonly id: number;
  readonly program: string;
  readonly version: string;
  readonly app: string;
  readonly environment: Environment;
  readonly status: Status;
  readonly changes: number;
  readonly testQrCode: string;
  readonly settings: Settings;
}

/** One call of the private API; rejects for any status but 2xx. */
export type PrivateApi = <T>(
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body?: unknown,
) => Promise<T>;

/** The private API over HTTP, with a bearer token. */
export function createPrivateApi(url: string, token: string): PrivateApi {
  return async <T>(method: string, path: string, body?: unknown) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const signal = AbortSignal.timeout(10_000);
    const sent = { method, headers, signal, redirect: 'error' as const };
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${url}${path}`, { ...sent, ...json });
    if (!response.ok) throw new Error(`${method} ${path}: HTTP ${response.status}`);
    return (await response.json()) as T;
  };
}
