/**
 * One text for all spellings of a platform's address: case of the host, the port of the scheme, a slash at the end. What
 * is no URL stays as it is.
 */
export function plainEndpoint(endpoint: string): string {
  return URL.canParse(endpoint) ? new URL(endpoint).href.replace(/\/+$/, '') : endpoint;
}
