import { readFile } from 'node:fs/promises';
import type { Variables } from './forge-place.ts';

const maxBytes = 8 * 1024 * 1024;

/** What the CI wrote down of its event; undefined where there is nothing that can be read. */
export async function readEvent(variables: Variables): Promise<unknown> {
  const names = ['GITHUB_EVENT_PATH', 'GITEA_EVENT_PATH', 'FORGEJO_EVENT_PATH'];
  const path = names.map((name) => variables[name]).find((one) => one !== undefined && one !== '');
  if (path === undefined) return undefined;
  try {
    const bytes = await readFile(path);
    return bytes.byteLength > maxBytes ? undefined : JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}
