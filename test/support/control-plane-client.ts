import { request as httpsRequest, Agent } from 'node:https';

/** What the API server answered. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  /** Of the body; `application/apply-patch+yaml` for server-side apply, which takes JSON, too. */
  readonly contentType?: string;
  /** Whose call it is; the administrator's if omitted. */
  readonly token?: string;
}

export interface Client {
  call(path: string, call?: Call): Promise<Answer>;
  close(): void;
}

/** Speaks to an API server directly: hundreds of questions in the time of one kubectl. */
export function createClient(url: string, ca: Buffer, adminToken: string): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 8, ca });
  return {
    call: (path, call = {}) =>
      new Promise((resolve, reject) => {
        const request = httpsRequest(
          new URL(path, url),
          {
            agent,
            method: call.method ?? 'GET',
            headers: {
              authorization: `Bearer ${call.token ?? adminToken}`,
              accept: 'application/json',
              'content-type': call.contentType ?? 'application/json',
            },
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.once('error', reject);
            response.once('end', () => {
              const text = Buffer.concat(chunks).toString();
              resolve({ status: response.statusCode ?? 0, body: parsed(text) });
            });
          },
        );
        request.once('error', reject);
        request.end(call.body === undefined ? undefined : JSON.stringify(call.body));
      }),
    close: () => {
      agent.destroy();
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
