import { generateKeyPairSync, verify } from 'node:crypto';

import type { Who } from './forge-state.ts';
import type { Heard, Route, Said } from './shape-server.ts';

export interface GithubApp {
  readonly id: string;
  /** As GitHub gives it out. */
  readonly privateKey: string;
  readonly installation: number;
  readonly routes: readonly Route[];
  /** Seconds that a token lives. */
  tokenSeconds: number;
  /** The App's own clock, milliseconds: tokens are judged by it. */
  now: () => number;
  isForApps(heard: Heard): boolean;
  admit(heard: Heard): Said | undefined;
}

let pair: ReturnType<typeof generatePair> | undefined;

/** One pair for all servers of a file: making it takes long. */
function keys() {
  pair ??= generatePair();
  return pair;
}

function generatePair() {
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

/** One App with a real key; what it signs is verified, and its tokens are made here. */
export function githubAppRoutes(tokens: Map<string, Who>): GithubApp {
  const { publicKey, privateKey } = keys();
  let made = 0;
  const app: GithubApp = {
    id: 'Iv23liFairlead',
    privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    installation: 5001,
    tokenSeconds: 3600,
    now: () => Date.now(),
    isForApps: ({ path }) => path.includes('/app/') || path.endsWith('/installation'),
    admit: ({ headers }) => {
      const jwt = headers.authorization?.replace(/^Bearer /, '') ?? '';
      return isSigned(jwt)
        ? undefined
        : { status: 401, body: { message: 'A JSON web token could not be decoded' } };
    },
    routes: [
      {
        name: 'get /repos/{owner}/{repo}/installation',
        perform: () => ({ status: 200, body: installationBody(app) }),
      },
      {
        name: 'post /app/installations/{installation_id}/access_tokens',
        perform: ({ installation_id: id }) => {
          if (id !== String(app.installation))
            return { status: 404, body: { message: 'Not Found' } };
          const token = `ghs_installation_${++made}`;
          tokens.set(token, 'ours');
          const ends = new Date(app.now() + app.tokenSeconds * 1000).toISOString();
          return { status: 201, body: { token, expires_at: ends.replace(/\.\d+Z$/, 'Z') } };
        },
      },
    ],
  };
  function isSigned(jwt: string): boolean {
    const [header = '', payload = '', signature = ''] = jwt.split('.');
    const valid = verify(
      'RSA-SHA256',
      Buffer.from(`${header}.${payload}`),
      publicKey,
      Buffer.from(signature, 'base64url'),
    );
    if (!valid) return false;
    const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg: string };
    const { iss, iat, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
      iss: string;
      iat: number;
      exp: number;
    };
    const now = app.now() / 1000;
    return alg === 'RS256' && iss === app.id && iat <= now && exp > now && exp - iat <= 600;
  }
  return app;
}

function installationBody({ installation }: GithubApp): object {
  return {
    id: installation,
    account: null,
    repository_selection: 'selected',
    access_tokens_url: 'text',
    repositories_url: 'text',
    html_url: 'text',
    app_id: 1,
    target_id: 1,
    target_type: 'Organization',
    permissions: {},
    events: [],
    created_at: '2026-11-20T10:00:00Z',
    updated_at: '2026-11-20T10:00:00Z',
    single_file_name: null,
    app_slug: 'text',
    suspended_by: null,
    suspended_at: null,
  };
}
