/** One question to the API server. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  /** JSON text. */
  readonly body?: string;
  /** Of the body; `application/json` if omitted. */
  readonly contentType?: string;
  /** `application/json` if omitted. */
  readonly accept?: string;
  /** Whole exchange, or of a stream until its answer begins; milliseconds. */
  readonly timeoutMs: number;
  /** Largest body, or of a stream largest line. */
  readonly maxBytes: number;
}

export interface ApiAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined where an answer that failed holds none. */
  readonly body: unknown;
}

/** An answer that is read line by line, for as long as it lasts. */
export interface ApiStream {
  readonly status: 200;
  /** Whole lines, without their ends; throws `ClusterUnavailable` when it breaks off in the middle of one. */
  readonly lines: AsyncIterable<string>;
}

/**
 * The API server, as somebody with credentials. A 401 and a certificate that is not trusted make it read its credentials
 * again, once; nothing else is ever repeated.
 *
 * @throws ReconcileError `ClusterUnavailable` when there is no answer, or none that can be read (what was asked may have been
 *   done); `ClusterRefused` when there are no credentials; `BodyTooLarge` is told apart by `isTooLarge`
 */
export interface Api {
  send(request: ApiRequest, signal: AbortSignal): Promise<ApiAnswer>;
  /** An answer other than 200 is given whole. */
  stream(request: ApiRequest, signal: AbortSignal): Promise<ApiStream | ApiAnswer>;
}

export function isStream(answer: ApiStream | ApiAnswer): answer is ApiStream {
  return 'lines' in answer;
}
