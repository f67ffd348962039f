import type { Operation } from '../protocol/operations.ts';
import { namedFields } from './world/config.ts';
import type { CallRequest } from './world.ts';

/** One call as the platform saw it, whatever became of it. Holds no configuration value. */
export interface CallEntry {
  /** From 1, in the order of arrival. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly client: string;
  readonly operation: Operation | 'unknown';
  /** `workspace/miniProgram[/version/app/environment]`, the workspace, or empty. */
  readonly key: string;
  /** Empty when nothing was answered. */
  readonly resultStatus: string;
  readonly resultCode: string;
  readonly requestId?: string;
  readonly ifRevision?: string;
  readonly ifMark?: string;
  /** Names of the fields a write carries, `mark` included. */
  readonly fields?: readonly string[];
  readonly http: CallOutcome;
}

/** What happened on the wire. */
export interface CallOutcome {
  /** 0: the connection was cut. */
  readonly status: number;
  /** The injected fault, by effect. */
  readonly fault?: string;
  /** How often the request was performed: 0 when it was refused or lost on its way. */
  readonly performed: number;
}

export type CallFacts = Omit<CallEntry, 'seq' | 'at' | 'resultStatus' | 'resultCode' | 'http'>;

/** The part of a log entry that the request itself tells. */
export function factsOf({ client, operation, body }: CallRequest): CallFacts {
  const key = keyOf(body);
  const facts: CallFacts = { client, operation, key };
  if (!('requestId' in body || 'patch' in body || 'config' in body)) return facts;
  const { requestId } = body;
  return {
    ...facts,
    fields: [...fieldsOf(body), ...(body.mark === undefined ? [] : ['mark'])],
    ...(requestId !== undefined && { requestId }),
    ...('ifRevision' in body && body.ifRevision !== undefined && { ifRevision: body.ifRevision }),
    ...('ifMark' in body && body.ifMark !== undefined && { ifMark: body.ifMark }),
  };
}

type WriteBody = Extract<CallRequest, { readonly body: { readonly mark?: string } }>['body'];

function fieldsOf(body: WriteBody): string[] {
  if ('patch' in body) return namedFields(body.patch);
  if (!('config' in body)) return [];
  const { environmentVariables = [], ...plain } = body.config;
  return namedFields({ ...plain, environmentVariables: { upsert: environmentVariables } });
}

function keyOf(body: CallRequest['body']): string {
  const parts: Readonly<Partial<Record<string, unknown>>> = { ...body };
  return ['workspace', 'miniProgram', 'version', 'app', 'environment']
    .flatMap((name) => (typeof parts[name] === 'string' ? [parts[name]] : []))
    .join('/');
}
